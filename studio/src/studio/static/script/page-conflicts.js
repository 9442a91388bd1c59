// When a text was changed or deleted in another window: showing it, and doing what the writer chooses.

import * as mending from "/static/script/mending.js";

const PAUSE = 1500; // a dialog must not swallow what someone is typing

export default {
  data: () => ({ comparing: false }),
  computed: {
    versions() {
      const { text = "", stored = null } = (this.comparing && this.saver) || {};
      return { mine: text, stored: stored?.text ?? "" };
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
      else if (this.saver?.state === "conflict") this.comparing = true;
    },
    async choose(work) {
      this.comparing = false;
      await this.attempt(() => work(this.saver, () => this.reshow(this.current)));
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
      const { current, at } = this;
      this.store.dropSaver(current);
      await this.attempt(() => this.store.load());
      this.showNear(Math.max(at, 0));
    },
  },
};
