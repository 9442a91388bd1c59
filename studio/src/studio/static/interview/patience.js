// What a model takes long for, or failed at so far: what went wrong, and a way on.

const SLOW_SECONDS = 45; // a model that works for longer may be asked again

export default {
  props: {
    since: { type: String, default: null },
    trouble: { type: String, default: "" },
    busy: Boolean,
    what: { type: String, required: true }, // "Ask again"
  },
  emits: ["again"],
  data: () => ({ now: Date.now() }),
  template: `
    <div v-if="trouble || slow" class="notice calm patience" role="status">
      <p><strong>{{ trouble ? "Something is in the way." : "This takes long." }}</strong>
        {{ trouble || "The model may still answer; asked again, it begins anew." }}</p>
      <div class="actions"><button type="button" class="button small" :disabled="busy" @click="$emit('again')">{{ what }}</button>
        <a class="button small plain" href="/operations/jobs">See the jobs</a></div>
    </div>`,
  computed: {
    slow() {
      return this.since !== null && this.now - Date.parse(this.since) > SLOW_SECONDS * 1000;
    },
  },
  mounted() {
    this.clock = setInterval(() => (this.now = Date.now()), 5000);
  },
  unmounted() {
    clearInterval(this.clock);
  },
};
