// What happens in the scene, as a model tells it, and the state of all the script's summaries.

import { ago, moment } from "/static/js/times.js";
import { countWords, pages } from "/static/script/words.js";

export default {
  props: {
    scene: { type: Object, default: null },
    scenes: { type: Array, required: true },
    work: { type: Object, required: true },
    model: { type: Object, required: true }, // {name, local}
  },
  emits: ["generate", "generate-all", "cancel"],
  template: `
    <aside class="summary-panel" aria-label="Summary">
      <section v-if="scene" aria-labelledby="summary-heading">
        <div class="summary-head">
          <h2 id="summary-heading">Summary</h2>
          <span role="status">
            <span v-if="busy" class="mark"><span class="spinner"></span>Refreshing</span>
            <span v-else-if="scene.summary?.stale" class="mark stale" title="The scene was edited after this was made">Stale</span>
            <span v-else-if="scene.summary" class="mark fine">Up to date</span>
          </span>
        </div>
        <template v-if="scene.summary">
          <p class="summary-text" :class="{ faded: busy }">{{ scene.summary.text }}</p>
          <p class="summary-made" :title="when">{{ nameOf(scene.summary.model) }} · {{ since }}</p>
        </template>
        <p v-else-if="!busy" class="summary-none">No summary yet. Generate one to see at a glance what happens here; it
          stays with the scene.</p>
        <p v-else class="summary-none">Reading the scene…</p>
        <div v-if="failure" class="notice" role="alert"><p><strong>No new summary.</strong> {{ failure }}</p></div>
        <button type="button" class="button" :class="{ primary: !scene.summary || scene.summary.stale }"
          :disabled="busy" @click="$emit('generate', scene.id)">{{ verb }}</button>
      </section>
      <section v-else class="summary-none"><h2>Summary</h2><p>Choose a scene to see its summary.</p></section>

      <section v-if="scene" aria-labelledby="facts-heading">
        <h3 id="facts-heading">In this scene</h3>
        <p class="facts">{{ length }}</p>
        <ul v-if="scene.characters.length" class="cast" aria-label="Characters">
          <li v-for="name in scene.characters" :key="name">{{ name }}</li>
        </ul>
        <p v-else class="summary-none">Nobody speaks.</p>
      </section>

      <section v-if="scenes.length" class="whole" aria-labelledby="whole-heading">
        <h3 id="whole-heading">Whole script</h3>
        <p class="facts">{{ tally }}</p>
        <template v-if="work.all">
          <div class="progress" role="progressbar" aria-label="Summarising the script" aria-valuemin="0"
            :aria-valuemax="work.all.total" :aria-valuenow="work.all.done"><span :style="{ width: percent }"></span></div>
          <p class="facts now" role="status">{{ work.all.done }} of {{ work.all.total }}
            <span v-if="work.all.slugline">· {{ work.all.slugline }}</span></p>
          <button type="button" class="button small" @click="$emit('cancel')">Cancel</button>
        </template>
        <template v-else>
          <p v-if="work.outcome" class="facts" role="status">{{ work.outcome }}</p>
          <button type="button" class="button" @click="$emit('generate-all', pending === 0)">{{ allVerb }}</button>
        </template>
        <p class="facts">{{ writer }}</p>
      </section>
    </aside>`,
  computed: {
    busy() {
      return !!this.work.running[this.scene?.id];
    },
    failure() {
      return this.busy ? "" : this.work.failures[this.scene.id];
    },
    verb() {
      if (this.busy) return "Generating…";
      if (!this.scene.summary) return "Generate summary";
      return this.scene.summary.stale ? "Refresh summary" : "Generate again";
    },
    since() {
      return ago(this.scene.summary.made_at);
    },
    when() {
      return moment(this.scene.summary.made_at);
    },
    length() {
      const count = countWords(this.scene.text);
      return `${pages(this.scene.text)} · ${count} ${count === 1 ? "word" : "words"}`;
    },
    missing() {
      return this.scenes.filter((scene) => !scene.summary).length;
    },
    stale() {
      return this.scenes.filter((scene) => scene.summary?.stale).length;
    },
    pending() {
      return this.missing + this.stale;
    },
    tally() {
      const fresh = this.scenes.length - this.pending;
      const parts = [`${fresh} of ${this.scenes.length} summaries up to date`];
      if (this.stale) parts.push(`${this.stale} stale`);
      return parts.join(", ");
    },
    allVerb() {
      return this.pending ? `Generate all (${this.pending})` : "Generate all again";
    },
    writer() {
      if (this.model.local) return "Summaries are written on this machine; nothing leaves it.";
      return `Summaries are written by ${this.model.name}. The scenes are sent to ${this.model.host}.`;
    },
    percent() {
      const { done, total } = this.work.all;
      return `${total ? (100 * done) / total : 0}%`;
    },
  },
  methods: {
    nameOf(model) {
      return model === "local" ? "Local model" : model;
    },
  },
};
