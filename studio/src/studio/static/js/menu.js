// A menu button: arrow keys, Home, End, Escape, and a click elsewhere behave as everywhere else.

import Icon from "/static/js/icons.js";

export default {
  components: { Icon },
  props: {
    label: { type: String, required: true },
    icon: { type: String, default: "more" },
    // {label, hint?, run?, href?, download?, danger?, disabled?} or {divider: true}
    items: { type: Array, required: true },
    text: { type: Boolean, default: false },
    small: { type: Boolean, default: false },
  },
  emits: ["shown"],
  data: () => ({ open: false }),
  template: `
    <span class="menu-anchor">
      <button ref="button" type="button" :class="text ? 'button plain' : ['icon', { small }]" aria-haspopup="menu"
        :aria-expanded="open" :aria-label="text ? null : label" :title="text ? null : label"
        @click.stop="toggle" @keydown.down.prevent.stop="show">
        <Icon :name="icon"/><span v-if="text">{{ label }}</span>
      </button>
      <div ref="menu" class="menu" role="menu" popover="auto" :aria-label="label" @toggle="onToggle"
        @keydown.stop="onKey" @click.stop>
        <template v-for="(item, index) in open ? items : []" :key="index">
          <hr v-if="item.divider">
          <a v-else-if="item.href" role="menuitem" tabindex="-1" :href="item.href" :download="item.download"
            :target="item.download === undefined ? '_blank' : null" rel="noopener" @click="hide">
            <span>{{ item.label }}</span><small v-if="item.hint">{{ item.hint }}</small></a>
          <button v-else type="button" role="menuitem" tabindex="-1" :class="{ danger: item.danger }"
            :aria-disabled="item.disabled ? 'true' : null" @click="choose(item)">
            <span>{{ item.label }}</span><small v-if="item.hint">{{ item.hint }}</small></button>
        </template>
      </div>
    </span>`,
  methods: {
    toggle() {
      this.open ? this.hide() : this.show();
    },
    async show() {
      this.open = true; // a script has hundreds of menus: their entries exist only while they are open
      this.$emit("shown");
      await this.$nextTick();
      this.$refs.menu.showPopover();
      this.place();
      this.entries()[0]?.focus();
    },
    hide() {
      if (!this.open) return;
      this.$refs.menu.hidePopover();
      this.$refs.button.focus();
    },
    onToggle(event) {
      this.open = event.newState === "open";
    },
    place() {
      const anchor = this.$refs.button.getBoundingClientRect();
      const box = this.$refs.menu.getBoundingClientRect();
      const below = anchor.bottom + 4 + box.height <= innerHeight;
      const left = Math.min(Math.max(8, anchor.right - box.width), innerWidth - box.width - 8);
      this.$refs.menu.style.left = `${left}px`;
      this.$refs.menu.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - box.height - 4)}px`;
    },
    entries() {
      return [...this.$refs.menu.querySelectorAll('[role="menuitem"]')];
    },
    choose(item) {
      if (item.disabled) return;
      this.hide();
      item.run();
    },
    onKey(event) {
      const entries = this.entries();
      const at = entries.indexOf(document.activeElement);
      const to = {
        ArrowDown: (at + 1) % entries.length,
        ArrowUp: (at - 1 + entries.length) % entries.length,
        Home: 0,
        End: entries.length - 1,
      }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        entries[to].focus();
      } else if (event.key === "Escape" || event.key === "Tab") {
        if (event.key === "Escape") event.preventDefault();
        this.hide();
      }
    },
  },
};
