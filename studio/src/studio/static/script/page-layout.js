// Which panels of the Script page can be seen: all on a wide screen, one at a time on a narrow one.

const NARROW = matchMedia("(max-width: 899px)");
const COMPACT = matchMedia("(max-width: 1199px)");

export default {
  data: () => ({
    view: "write",
    drawer: "", // "scenes" or "summary" while one of them covers the page
    narrow: NARROW.matches,
    compact: COMPACT.matches,
  }),
  computed: {
    covered() {
      return (this.drawer === "scenes" && this.narrow) || (this.drawer === "summary" && this.compact);
    },
  },
  created() {
    this.measure = () => Object.assign(this, { narrow: NARROW.matches, compact: COMPACT.matches });
    NARROW.addEventListener("change", this.measure);
    COMPACT.addEventListener("change", this.measure);
    addEventListener("keydown", this.onKey);
    this.view = new URLSearchParams(location.search).get("view") === "cards" ? "cards" : "write";
  },
  unmounted() {
    NARROW.removeEventListener("change", this.measure);
    COMPACT.removeEventListener("change", this.measure);
    removeEventListener("keydown", this.onKey);
  },
  methods: {
    setView(view) {
      this.drawer = "";
      this.view = view;
      const address = new URL(location);
      if (view === "cards") address.searchParams.set("view", "cards");
      else address.searchParams.delete("view");
      history.replaceState(history.state, "", address);
    },
    toggleDrawer(drawer) {
      if (this.drawer === drawer) {
        this.closeDrawer();
        return;
      }
      this.opener = document.activeElement;
      this.drawer = drawer;
      this.$nextTick(() => this.$el.querySelector(`.${drawer}-pane :is(button, input)`)?.focus());
    },
    closeDrawer() {
      this.drawer = "";
      this.$nextTick(() => this.opener?.focus());
    },
    onKey(event) {
      const command = event.ctrlKey || event.metaKey;
      if (event.key === "Escape" && this.drawer) {
        this.closeDrawer();
      } else if (event.key === "Escape" && event.target.closest(".sheet")) {
        if (!this.narrow) this.$refs.navigator.focusScene(this.current);
      } else if (command && event.key.toLowerCase() === "s") {
        event.preventDefault();
        this.store.hurry();
        this.store.flushAll();
      } else if (event.altKey && (event.key === "PageUp" || event.key === "PageDown")) {
        event.preventDefault();
        this.step(event.key === "PageUp" ? -1 : 1);
      }
    },
  },
};
