// Two versions of one text, side by side, and what to do about them. Nothing is lost whichever is chosen.

import Dialog from "/static/js/dialog.js";
import { toast } from "/static/js/toasts.js";
import { compare } from "/static/script/differences.js";

export default {
  components: { Dialog },
  props: {
    open: Boolean,
    name: { type: String, default: "" },
    mine: { type: String, default: "" },
    stored: { type: String, default: "" },
    canKeepBoth: { type: Boolean, default: true },
  },
  emits: ["close", "mine", "stored", "both"],
  template: `
    <Dialog :open="open" label="Two versions of this scene" wide @close="$emit('close')">
      <div class="two-versions">
        <h2 tabindex="-1" autofocus>Two versions of “{{ name }}”</h2>
        <p>This was saved from another window while you were writing. Both versions are here and neither is lost. Lines
          that differ are marked.</p>
        <div class="versions">
          <section v-for="side in sides" :key="side.title" :aria-label="side.title">
            <header><h3>{{ side.title }}</h3>
              <button type="button" class="button small plain" @click="copy(side)">Copy</button></header>
            <div class="version" tabindex="0" role="region" :aria-label="side.title + ', text'"><div
              v-for="(line, at) in side.lines" :key="at" :class="{ changed: line.changed }">{{ line.text || " " }}</div></div>
          </section>
        </div>
        <div class="actions">
          <button type="button" class="button plain" @click="$emit('close')">Decide later</button>
          <button v-if="canKeepBoth" type="button" class="button" @click="$emit('both')"
            title="Yours stays here; the stored one becomes a scene of its own after it">Keep both</button>
          <button type="button" class="button" @click="$emit('stored')">Take the stored version</button>
          <button type="button" class="button primary" @click="$emit('mine')">Keep mine</button>
        </div>
      </div>
    </Dialog>`,
  computed: {
    sides() {
      const [mine, stored] = compare(this.mine, this.stored);
      return [
        { title: "Yours, in this window", lines: mine, text: this.mine },
        { title: "Stored", lines: stored, text: this.stored },
      ];
    },
  },
  methods: {
    async copy(side) {
      try {
        await navigator.clipboard.writeText(side.text);
        toast("Copied.");
      } catch {
        toast("The browser did not allow copying. Select the text and copy it by hand.", { problem: true });
      }
    },
  },
};
