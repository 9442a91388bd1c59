// A modal dialog on the browser's own <dialog>: focus stays inside, Escape closes, focus goes back where it was.

export default {
  props: { open: Boolean, label: { type: String, required: true }, wide: Boolean, sticky: Boolean },
  emits: ["close"],
  template: `
    <dialog ref="dialog" class="dialog" :class="{ wide }" :aria-label="label" @cancel="onCancel"
      @close="$emit('close')" @keydown.stop>
      <slot v-if="open"/>
    </dialog>`,
  watch: {
    open: { flush: "post", handler: "reflect" },
  },
  mounted() {
    this.reflect();
  },
  methods: {
    reflect() {
      const dialog = this.$refs.dialog;
      if (this.open && !dialog.open) dialog.showModal();
      if (!this.open && dialog.open) dialog.close();
    },
    onCancel(event) {
      if (this.sticky) event.preventDefault();
    },
  },
};
