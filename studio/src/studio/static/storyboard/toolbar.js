// How many images to make, the button that makes them, and how far they are.

import Icon from "/static/js/icons.js";
import { images, money } from "/static/storyboard/words.js";
import { outcome, overall } from "/static/storyboard/progress.js";

const KEY = "studio.storyboard.per-scene";

function remembered() {
  try {
    return Number(localStorage.getItem(KEY)) || 3;
  } catch {
    return 3;
  }
}

export default {
  components: { Icon },
  props: {
    runs: { type: Array, required: true },
    scenes: { type: Number, required: true },
    model: { type: Object, required: true },
    most: { type: Number, required: true },
    cost: { type: Number, required: true },
    busy: { type: Boolean, default: false },
  },
  emits: ["make", "stop", "resume", "let-go"],
  data: () => ({ perScene: remembered() }),
  template: `
    <section class="board-tools" aria-label="Making images">
      <div v-if="progress" class="going">
        <p class="count" role="status"><span class="spinner"></span>
          <strong>{{ progress.finished }} of {{ images(progress.wanted) }}</strong>
          <span class="soft">{{ progress.making ? progress.making + " being made" : "getting ready" }}</span></p>
        <div class="progress" role="progressbar" aria-label="Images made" aria-valuemin="0"
          :aria-valuemax="progress.wanted" :aria-valuenow="progress.finished">
          <span :style="{ width: (100 * progress.finished) / progress.wanted + '%' }"></span></div>
        <button type="button" class="button small" @click="$emit('stop', progress.runs)">Stop</button>
      </div>
      <form v-else class="order" @submit.prevent="make">
        <label for="per-scene">Images per scene</label>
        <div class="stepper">
          <button type="button" class="icon small" aria-label="Fewer images per scene" :disabled="perScene <= 1"
            @click="perScene -= 1">−</button>
          <input id="per-scene" class="input" type="number" inputmode="numeric" min="1" :max="most" required
            v-model.number="perScene">
          <button type="button" class="icon small" aria-label="More images per scene" :disabled="perScene >= most"
            @click="perScene += 1">+</button>
        </div>
        <button type="submit" class="button primary" :disabled="busy || !scenes">
          {{ scenes ? "Make " + images(total) : "No scenes yet" }}</button>
        <p class="soft price">{{ price }}</p>
      </form>

      <div v-for="run in interrupted" :key="run.id" class="notice calm" role="alert">
        <p><strong>Interrupted.</strong> {{ images(run.counts.waiting + run.counts.making) }} of {{ run.wanted }} were not
          made when Studio stopped. What is finished is kept.</p>
        <button type="button" class="button small primary" @click="$emit('resume', run)">Go on</button>
        <button type="button" class="button small plain" @click="$emit('let-go', run)">Leave it</button>
      </div>
      <div v-if="last && !progress" class="last">
        <p class="soft">{{ outcome(last) }}</p>
        <button v-if="missing(last)" type="button" class="button small" @click="$emit('resume', last)">
          {{ last.counts.failed ? "Try " + images(last.counts.failed + last.counts.cancelled) + " again" : "Make the rest" }}
        </button>
      </div>
      <div v-if="problem" class="notice" role="alert"><p><strong>Not every image was made.</strong> {{ problem }}</p></div>
    </section>`,
  computed: {
    progress() {
      return overall(this.runs);
    },
    interrupted() {
      return this.runs.filter((run) => run.interrupted);
    },
    last() {
      return this.runs.find((run) => run.state !== "running") ?? null;
    },
    problem() {
      const going = this.runs.filter((run) => run.state === "running");
      return (going.length ? going : this.runs).flatMap((run) => run.problems)[0]?.message ?? "";
    },
    total() {
      return this.scenes * (this.perScene || 0);
    },
    price() {
      const { name, host, price } = this.model;
      const spent = this.cost ? ` So far: ${money(this.cost)}.` : "";
      if (!host) return "Drawn on this machine, free.";
      if (price === null) return `By ${name} (${host}); its price is not known here.${spent}`;
      return `About ${money(price * this.total)} with ${name} (${host}).${spent}`;
    },
  },
  watch: {
    perScene(count) {
      try {
        localStorage.setItem(KEY, String(count));
      } catch {
        // A convenience only.
      }
    },
  },
  methods: {
    images,
    outcome,
    missing: (run) => run.counts.failed + run.counts.cancelled > 0,
    make() {
      this.$emit("make", this.perScene);
    },
  },
};
