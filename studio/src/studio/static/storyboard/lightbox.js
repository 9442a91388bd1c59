// One image, as large as the window allows, with all that is known of it.

import Dialog from "/static/js/dialog.js";
import Icon from "/static/js/icons.js";
import Picture from "/static/storyboard/picture.js";
import { ago, moment } from "/static/js/times.js";
import { duration, money, shotName } from "/static/storyboard/words.js";

export default {
  components: { Dialog, Icon, Picture },
  props: {
    frame: { type: Object, default: null },
    scene: { type: Object, default: null }, // null for an image that is kept aside
    number: { type: String, default: "" },
    making: { type: Boolean, default: false },
    hasPrevious: Boolean,
    hasNext: Boolean,
  },
  emits: ["close", "step", "favourite", "regenerate", "discard", "bring-back"],
  template: `
    <Dialog :open="frame !== null" :label="'Image: ' + title" wide @close="$emit('close')">
      <div v-if="frame" class="lightbox" @keydown="onKey">
        <figure>
          <Picture :url="frame.url" :alt="title + ', ' + shotName(frame.shot)"/>
          <button type="button" class="icon turn back" aria-label="Previous image" :disabled="!hasPrevious"
            @click="$emit('step', -1)"><Icon name="left"/></button>
          <button type="button" class="icon turn on" aria-label="Next image" :disabled="!hasNext"
            @click="$emit('step', 1)"><Icon name="right"/></button>
        </figure>
        <aside class="details">
          <header><p class="soft">{{ number ? "Scene " + number : "Kept aside" }}</p>
            <h2 tabindex="-1" autofocus>{{ title }}</h2>
            <button type="button" class="icon close" aria-label="Close" @click="$emit('close')"><Icon name="close"/></button>
          </header>
          <div v-if="scene" class="actions">
            <button type="button" class="button small" :aria-pressed="frame.favourite" @click="$emit('favourite', frame)">
              <Icon name="star"/>{{ frame.favourite ? "Favourite" : "Make it the favourite" }}</button>
            <button type="button" class="button small" :disabled="making" @click="$emit('regenerate', frame)">
              <span v-if="making" class="spinner"></span>{{ making ? "Being made anew" : "Make it anew" }}</button>
            <a class="button small" :href="frame.url" :download="'storyboard-' + frame.seed"><Icon name="download"/>Download</a>
            <button type="button" class="button small" @click="$emit('discard', frame)">Discard</button>
          </div>
          <dl>
            <dt>Shot</dt><dd>{{ shotName(frame.shot) }}</dd>
            <dt>Model</dt><dd>{{ frame.model }}</dd>
            <dt>Seed</dt><dd>{{ frame.seed }}</dd>
            <dt>Cost</dt><dd>{{ money(frame.cost) }}</dd>
            <dt>Took</dt><dd>{{ duration(frame.seconds) }}</dd>
            <dt>Made</dt><dd :title="moment(frame.made_at)">{{ ago(frame.made_at) }}</dd>
          </dl>
          <section v-if="earlier.length" class="earlier"><h3>Earlier takes</h3>
            <ul><li v-for="old in earlier" :key="old.id">
              <Picture :url="old.url" :alt="shotName(old.shot) + ', seed ' + old.seed" lazy/>
              <button type="button" class="button small" @click="$emit('bring-back', old)">Bring back</button></li></ul>
          </section>
          <section class="prompt"><h3>Prompt</h3><p>{{ frame.prompt }}</p></section>
        </aside>
      </div>
    </Dialog>`,
  computed: {
    title() {
      return this.scene?.slugline || "Storyboard image";
    },
    /** What was shown in this frame's place before. */
    earlier() {
      const frames = this.scene?.frames ?? [];
      return frames.filter((other) => other.replaced_by === this.frame.id && !other.discarded);
    },
  },
  methods: {
    ...{ ago, duration, moment, money, shotName },
    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === "arrowleft" && this.hasPrevious) this.$emit("step", -1);
      else if (key === "arrowright" && this.hasNext) this.$emit("step", 1);
      else if (key === "f" && this.scene) this.$emit("favourite", this.frame);
      else if (key === "r" && this.scene && !this.making) this.$emit("regenerate", this.frame);
      else if (key === "delete" && this.scene) this.$emit("discard", this.frame);
      else return;
      event.preventDefault();
    },
  },
};
