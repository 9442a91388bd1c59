// One place that two edits changed: the lines before, both edits, and what to take. Side by side, or in tabs where there
// is no room for that.

import { outcome } from "/static/script/choices.js";
import { marked } from "/static/script/differences.js";
import { toast } from "/static/js/toasts.js";

const WHO = {
  mine: "Only you changed this",
  theirs: "Only the other window changed this",
  conflict: "Both of you changed this",
};

let made = 0;

export default {
  props: {
    modelValue: { type: Object, required: true }, // {side, words}
    hunk: { type: Object, required: true },
    number: { type: Number, required: true },
    count: { type: Number, required: true },
  },
  emits: ["update:modelValue"],
  data() {
    return { id: `choice-${(made += 1)}`, tab: this.hunk.kind === "theirs" ? "theirs" : "mine" };
  },
  template: `
    <fieldset class="choice" :class="[hunk.kind, { open: !modelValue.side }]">
      <legend><span class="choice-number">{{ number }} of {{ count }}</span> {{ who }}</legend>
      <div class="choice-tabs" role="tablist" :aria-label="'Versions of place ' + number" @keydown="onTabKey">
        <button v-for="side in sides" :key="side.key" type="button" role="tab" :id="id + side.key"
          :aria-selected="tab === side.key" :aria-controls="id + side.key + '-lines'" :tabindex="tab === side.key ? 0 : -1"
          @click="tab = side.key">{{ side.title }}</button>
      </div>
      <div class="choice-sides">
        <section v-for="side in sides" :key="side.key" :id="id + side.key + '-lines'" class="choice-side"
          :class="{ shown: tab === side.key, taken: isTaken(side.key) }" role="region" :aria-label="side.title">
          <header><h3>{{ side.title }}</h3>
            <button v-if="side.text" type="button" class="button small plain" @click="copy(side.text)">Copy</button></header>
          <p v-if="side.text" class="line"><template v-for="(piece, at) in side.pieces" :key="at"><mark
            v-if="piece.changed">{{ piece.text }}</mark><template v-else>{{ piece.text }}</template></template></p>
          <p v-else class="nothing">{{ side.key === "base" ? "Nothing was here" : "Nothing is here" }}</p>
        </section>
      </div>
      <div class="choice-options">
        <label v-for="option in options" :key="option.side"><input type="radio" :name="id" :value="option.side"
          :checked="modelValue.side === option.side" @change="choose(option.side)"> {{ option.label }}</label>
      </div>
      <textarea v-if="modelValue.side === 'hand'" ref="hand" class="input line by-hand" :value="modelValue.words"
        :rows="rows" :aria-label="'Text of place ' + number" @input="write($event.target.value)"></textarea>
    </fieldset>`,
  computed: {
    who() {
      return WHO[this.hunk.kind];
    },
    sides() {
      const { base, mine, theirs } = this.hunk;
      const side = (key, title, text) => ({ key, title, text, pieces: marked(key === "base" ? "" : base, text.replace(/\n$/, "")) });
      return [side("base", "Before", base), side("mine", "Yours", mine), side("theirs", "Stored", theirs)];
    },
    options() {
      const both = this.hunk.kind === "conflict" && this.hunk.mine && this.hunk.theirs;
      return [
        { side: "mine", label: this.hunk.mine ? "Mine" : "Mine: nothing" },
        { side: "theirs", label: this.hunk.theirs ? "Stored" : "Stored: nothing" },
        ...(both ? [{ side: "both", label: "Both, mine first" }] : []),
        { side: "hand", label: "Edit by hand" },
      ];
    },
    rows() {
      return Math.min(14, Math.max(3, this.modelValue.words.split("\n").length));
    },
  },
  methods: {
    isTaken(key) {
      const { side } = this.modelValue;
      return side === key || (side === "both" && key !== "base");
    },
    choose(side) {
      const { words } = this.modelValue;
      // By hand begins with what was taken so far; what was written by hand before is still there.
      const begun = side === "hand" && !words ? outcome(this.hunk, this.modelValue).replace(/\n$/, "") : words;
      this.$emit("update:modelValue", { side, words: begun });
      if (side === "mine" || side === "theirs") this.tab = side;
      if (side === "hand") this.$nextTick(() => this.$refs.hand?.focus());
    },
    write(words) {
      this.$emit("update:modelValue", { side: "hand", words });
    },
    onTabKey(event) {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const keys = this.sides.map((side) => side.key);
      this.tab = keys[(keys.indexOf(this.tab) + step + keys.length) % keys.length];
      this.$nextTick(() => document.getElementById(this.id + this.tab)?.focus());
    },
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
        toast("Copied.");
      } catch {
        toast("The browser did not allow copying. Select the text and copy it by hand.", { problem: true });
      }
    },
  },
};
