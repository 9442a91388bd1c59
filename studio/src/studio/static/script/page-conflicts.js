// When a text was changed or deleted in another window: putting both edits together, or doing what the writer chooses.

import * as mending from "/static/script/mending.js";

const PAUSE = 1500; // a dialog must not swallow what someone is typing
const BREATH = 400; // nor must lines move under a key that is being pressed

export default {
  data: () => ({ comparing: false, hunks: [] }),
  watch: {
    "saving.state"(state) {
      if (state === "conflict") this.offerComparison();
      else if (state !== "merging") this.comparing = false;
    },
  },
  methods: {
    /** Resolve when nobody has typed into the text `id` for a moment. */
    async rest(id) {
      while (id === this.current) {
        const left = BREATH - (Date.now() - (this.lastTyped ?? 0));
        if (left <= 0 && !this.$refs.writing?.composing()) return;
        await new Promise((resolve) => setTimeout(resolve, Math.max(left, 50)));
      }
    },
    /** Show both edits as soon as the hands rest. */
    offerComparison() {
      clearTimeout(this.offering);
      const rest = PAUSE - (Date.now() - (this.lastTyped ?? 0));
      if (rest > 0) this.offering = setTimeout(() => this.offerComparison(), rest);
      else this.compare();
    },
    async compare() {
      const { saver } = this;
      await saver?.compare();
      if (saver !== this.saver || saver?.state !== "conflict") return;
      this.hunks = saver.hunks;
      this.comparing = true;
    },
    /** Two edits of different lines were put together. */
    onMerged(id, saver, { mine, theirs, merged, hunks }) {
      const show = () => this.showAgain(id);
      const caret = id === this.current ? this.$refs.writing?.caret() : null;
      const move = (offset) => mending.caretAfter(hunks, offset);
      if (id === this.current) this.reshow(id, caret && { start: move(caret.start), end: move(caret.end) });
      if (merged === mine) return;
      if (merged === theirs) return;
      const message = `“${saver.doc.name}” was changed in another window, in other lines. Both edits are in it now.`;
      mending.tell(saver, { message, undo: "Undo", from: mine, to: merged }, show);
    },
    showAgain(id) {
      if (id === this.current) this.reshow(id, this.$refs.writing?.caret());
    },
    async choose(text) {
      const { current, saver } = this;
      const mine = saver.text;
      this.comparing = false;
      await this.attempt(() => saver.resolve(text));
      this.showAgain(current);
      if (saver.text === mine) return;
      const message = "What you chose is being kept.";
      mending.tell(saver, { message, undo: "Undo", from: mine, to: saver.text }, () => this.showAgain(current));
    },
    async putBack() {
      await this.attempt(() => mending.putBack(this.store, this.current, this.saver));
    },
    async letGo() {
      const { current, at } = this;
      this.store.dropSaver(current);
      await this.attempt(() => this.store.load());
      this.showNear(Math.max(at, 0));
    },
  },
};
