// When a text was changed or deleted in another window: showing it, and doing what the writer chooses.

import * as mending from "/static/script/mending.js";

const PAUSE = 1500; // a dialog must not swallow what someone is typing

export default {
  data: () => ({ comparing: false }),
  computed: {
    versions() {
      const saver = this.comparing ? this.store.saverOf(this.current) : null;
      return { mine: saver?.text ?? "", stored: saver?.stored?.text ?? "" };
    },
  },
  watch: {
    "saving.state"(state) {
      if (state === "conflict") this.offerComparison();
    },
  },
  methods: {
    /** Show both versions as soon as the hands rest. */
    offerComparison() {
      clearTimeout(this.offering);
      const rest = PAUSE - (Date.now() - (this.lastTyped ?? 0));
      if (rest > 0) this.offering = setTimeout(() => this.offerComparison(), rest);
      else if (this.current && this.store.saverOf(this.current).state === "conflict") this.comparing = true;
    },
    async choose(work) {
      this.comparing = false;
      await this.attempt(() => work(this.store.saverOf(this.current), () => this.reshow(this.current)));
    },
    keepMine() {
      return this.choose((saver, show) => mending.keepMine(saver, show));
    },
    takeStored() {
      return this.choose((saver, show) => mending.takeStored(saver, show));
    },
    keepBoth() {
      return this.choose((saver) => mending.keepBoth(this.store, this.current, saver));
    },
    putBack() {
      return this.choose((saver) => mending.putBack(this.store, this.current, saver));
    },
    async letGo() {
      const id = this.current;
      const at = this.at;
      this.current = null;
      this.store.dropSaver(id);
      await this.attempt(() => this.store.load());
      const neighbour = this.scenes[Math.min(at, this.scenes.length - 1)];
      if (neighbour) this.show(neighbour.id);
    },
  },
};
