// Two edits of one text, put together where they differ in different lines; where both changed the same lines, the text
// before and both edits side by side, and a choice for each place. Nothing is lost whichever is chosen.

import Dialog from "/static/js/dialog.js";
import Choice from "/static/script/conflict-choice.js";
import { isChosen, outcome } from "/static/script/choices.js";

const CONTEXT = 2; // lines shown around a place; the others are folded

function folded(text) {
  const lines = text.replace(/\n$/, "").split("\n");
  return lines.length > 2 * CONTEXT + 3 ? lines : null;
}

export default {
  components: { Choice, Dialog },
  props: { open: Boolean, name: { type: String, default: "" }, hunks: { type: Array, required: true } },
  emits: ["close", "choose"],
  data: () => ({ choices: [], unfolded: {} }),
  template: `
    <Dialog :open="open" label="Two versions of this scene" wide @close="$emit('close')">
      <div class="merge" ref="merge">
        <header class="merge-head">
          <h2 tabindex="-1" autofocus>Two versions of “{{ name }}”</h2>
          <p><span class="explanation">This was saved in another window while you were writing. What only one of you
            changed is in already.</span> <strong>{{ question }}</strong></p>
        </header>
        <div class="merge-body" tabindex="0" role="region" aria-label="The scene with both edits">
          <template v-for="(part, at) in parts" :key="at">
            <Choice v-if="part.hunk" v-model="choices[part.at]" :hunk="part.hunk" :number="part.number" :count="count"/>
            <div v-else class="merge-same"><template v-if="part.lines && !unfolded[at]">
                <p v-if="at > 0" class="line">{{ part.head }}</p>
                <button type="button" class="button small plain" @click="unfolded[at] = true">{{ part.hidden }} lines
                  that are the same</button>
                <p v-if="at < parts.length - 1" class="line">{{ part.foot }}</p>
              </template><p v-else class="line">{{ part.text }}</p></div>
          </template>
        </div>
        <div class="actions merge-actions">
          <span class="merge-progress" role="status">{{ progress }}</span>
          <button type="button" class="button plain" @click="$emit('close')">Decide later</button>
          <button type="button" class="button" @click="all('theirs')"
            title="Where both changed the same lines, take the stored ones">All stored</button>
          <button type="button" class="button" @click="all('mine')"
            title="Where both changed the same lines, take yours">All mine</button>
          <button type="button" class="button primary" :disabled="left > 0" @click="$emit('choose', text)">Save this</button>
        </div>
      </div>
    </Dialog>`,
  computed: {
    parts() {
      let number = 0;
      return this.hunks.map((hunk, at) => {
        if (hunk.kind !== "same") return { hunk, at, number: (number += 1) };
        return this.same(hunk.mine, at);
      });
    },
    count() {
      return this.hunks.filter((hunk) => hunk.kind !== "same").length;
    },
    left() {
      return this.hunks.filter((hunk, at) => !isChosen(hunk, this.choices[at])).length;
    },
    question() {
      const clashes = this.hunks.filter((hunk) => hunk.kind === "conflict").length;
      return clashes === 1 ? "At one place both changed the same lines." : `At ${clashes} places both changed the same lines.`;
    },
    progress() {
      if (this.left === 0) return "All chosen";
      return this.left === 1 ? "1 place to choose" : `${this.left} places to choose`;
    },
    text() {
      return this.hunks.map((hunk, at) => outcome(hunk, this.choices[at])).join("");
    },
  },
  watch: {
    hunks: { immediate: true, handler: "begin" },
  },
  mounted() {
    // After the dialog has taken the focus to its head.
    requestAnimationFrame(() => this.$refs.merge?.querySelector(".choice.open")?.scrollIntoView({ block: "nearest" }));
  },
  methods: {
    begin() {
      this.unfolded = {};
      this.choices = this.hunks.map(({ kind }) => ({ side: kind === "conflict" ? null : kind, words: "" }));
    },
    same(text, at) {
      const lines = folded(text);
      if (!lines) return { text: text.replace(/\n$/, "") };
      const [first, last] = [at > 0 ? CONTEXT : 0, at < this.hunks.length - 1 ? CONTEXT : 0];
      const head = lines.slice(0, first).join("\n");
      const foot = lines.slice(lines.length - last).join("\n");
      return { lines, text: lines.join("\n"), head, foot, hidden: lines.length - first - last };
    },
    all(side) {
      for (const [at, hunk] of this.hunks.entries()) {
        if (hunk.kind === "conflict") this.choices[at] = { ...this.choices[at], side };
      }
    },
  },
};
