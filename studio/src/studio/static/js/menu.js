// A menu and the button that opens it: arrow keys, Home, End, Escape, and a click elsewhere behave as everywhere else.

import Icon from "/static/js/icons.js";

/** The menu alone, for a list in which every row has a button for it: `open(event of the button, label, items)`. */
export const MenuList = {
  emits: ["opened", "closed"],
  // items: {label, hint?, run?, href?, download?, danger?, disabled?} or {divider: true}
  data: () => ({ items: [], label: "" }),
  template: `
    <div ref="menu" class="menu" role="menu" popover="auto" :aria-label="label" @toggle="onToggle"
      @keydown.stop="onKey" @click.stop>
      <template v-for="(item, index) in items" :key="index">
        <hr v-if="item.divider">
        <a v-else-if="item.href" role="menuitem" tabindex="-1" :href="item.href" :download="item.download"
          :target="item.download === undefined ? '_blank' : null" rel="noopener" @click="close">
          <span>{{ item.label }}</span><small v-if="item.hint">{{ item.hint }}</small></a>
        <button v-else type="button" role="menuitem" tabindex="-1" :class="{ danger: item.danger }"
          :aria-disabled="item.disabled ? 'true' : null" @click="choose(item)">
          <span>{{ item.label }}</span><small v-if="item.hint">{{ item.hint }}</small></button>
      </template>
    </div>`,
  mounted() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const press = ({ target }) => {
      const own = this.$refs.menu.matches(":popover-open") && this.button.contains(target);
      this.closing = own ? this.button : null;
    };
    document.addEventListener("pointerdown", press, { capture: true, signal });
  },
  unmounted() {
    this.listeners.abort();
  },
  methods: {
    async open(event, label, items) {
      const button = event.currentTarget;
      // A click that began by closing the menu is no wish to open it again; a key (detail 0) always is.
      if (event.detail > 0 && this.closing === button) return;
      Object.assign(this, { label, items });
      this.button = button;
      await this.$nextTick();
      this.$refs.menu.showPopover();
      this.place();
      this.entries()[0]?.focus();
    },
    close() {
      this.$refs.menu.hidePopover();
      this.button?.focus();
    },
    onToggle(event) {
      const open = event.newState === "open";
      this.button?.setAttribute("aria-expanded", String(open));
      if (!open) this.items = [];
      this.$emit(open ? "opened" : "closed");
    },
    place() {
      const anchor = this.button.getBoundingClientRect();
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
      this.close();
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
        this.close();
      }
    },
  },
};

export default {
  components: { Icon, MenuList },
  props: {
    label: { type: String, required: true },
    items: { type: Array, required: true },
    small: { type: Boolean, default: false },
  },
  emits: ["opened"],
  data: () => ({ shown: false }),
  template: `
    <button type="button" class="icon" :class="{ small }" aria-haspopup="menu" aria-expanded="false"
      :aria-label="label" :title="label" @click.stop="toggle($event)" @keydown.down.prevent.stop="toggle($event)"><Icon name="more"/></button>
    <MenuList ref="list" @opened="shown = true" @closed="shown = false"/>`,
  methods: {
    toggle(event) {
      if (this.shown) {
        this.$refs.list.close();
        return;
      }
      this.$emit("opened");
      this.$refs.list.open(event, this.label, this.items);
    },
  },
};
