// One scene of the storyboard: its heading, and its images side by side.

import Icon from "/static/js/icons.js";
import Picture from "/static/storyboard/picture.js";
import { shown } from "/static/storyboard/store.js";
import { images, shotName } from "/static/storyboard/words.js";

export default {
  components: { Icon, Picture },
  props: {
    scene: { type: Object, required: true },
    at: { type: Number, required: true },
    project: { type: String, required: true },
    progress: { type: Object, required: true },
    returning: { type: Array, required: true }, // images kept aside whose scene this is, now that it is back
    active: { type: String, default: "" }, // the tile that the Tab key reaches
  },
  emits: ["open", "favourite", "menu", "scene-menu", "make", "put-back", "focused"],
  template: `
    <li class="board-scene" :data-scene="scene.id">
      <header class="scene-head">
        <span class="number" title="Drag to move the scene">{{ scene.scene_number || at + 1 }}</span>
        <div class="about">
          <h2><a :href="'/projects/' + project + '#' + scene.id">{{ scene.slugline || "Untitled scene" }}</a></h2>
          <p class="excerpt">{{ scene.excerpt || "Nothing written yet." }}</p>
          <p v-if="scene.characters.length" class="who">{{ scene.characters.slice(0, 5).join(", ") }}</p>
          <p class="marks">
            <span v-if="progress.making" class="mark"><span class="spinner"></span>{{ progress.making }} being made</span>
            <span v-if="progress.waiting" class="mark quiet">{{ progress.waiting }} waiting</span>
            <span v-if="progress.failed" class="mark danger">{{ progress.failed }} failed</span>
            <span v-if="progress.note" class="note">{{ progress.note }}</span>
          </p>
        </div>
        <button type="button" class="icon small more" aria-haspopup="menu" aria-expanded="false"
          :aria-label="'Actions for scene ' + (scene.scene_number || at + 1)" title="Actions"
          @click="$emit('scene-menu', $event, scene)"></button>
      </header>
      <div class="strip">
        <div v-if="returning.length" class="notice calm">
          <p>{{ images(returning.length) }} came while this scene was deleted.</p>
          <button type="button" class="button small" @click="$emit('put-back', returning)">Put
            {{ returning.length === 1 ? "it" : "them" }} here</button>
        </div>
        <ul class="frames" :aria-label="'Images of ' + (scene.slugline || 'the scene')">
          <li v-for="frame in frames" :key="frame.id" class="frame" :class="{ favourite: frame.favourite }">
            <button type="button" class="tile" :data-frame="frame.id" :tabindex="active === frame.id ? 0 : -1"
              :aria-label="nameOf(frame)" @click="$emit('open', frame)" @focus="$emit('focused', frame.id)">
              <Picture :url="frame.url" lazy/>
              <span v-if="progress.replacing.includes(frame.id)" class="over"><span class="spinner"></span>Being made anew</span>
            </button>
            <div class="tile-tools">
              <button type="button" class="icon small star" :tabindex="active === frame.id ? 0 : -1"
                :aria-pressed="frame.favourite" :aria-label="'Favourite: ' + nameOf(frame)" title="Favourite (F)"
                @click="$emit('favourite', frame)"><Icon name="star"/></button>
              <button type="button" class="icon small more" aria-haspopup="menu" aria-expanded="false"
                :tabindex="active === frame.id ? 0 : -1" :aria-label="'Actions for ' + nameOf(frame)" title="Actions"
                @click="$emit('menu', $event, frame, scene)"></button>
            </div>
          </li>
          <li v-for="number in coming" :key="'coming-' + number" class="frame coming">
            <span>{{ number <= progress.making ? "Being made" : "Waiting" }}</span></li>
          <li v-if="!frames.length && !coming" class="frame">
            <button type="button" class="tile none" :data-frame="'none-' + scene.id"
              :tabindex="active === 'none-' + scene.id ? 0 : -1" @focus="$emit('focused', 'none-' + scene.id)"
              @click="$emit('make', scene)"><Icon name="plus"/>Make images of this scene</button></li>
        </ul>
      </div>
    </li>`,
  computed: {
    frames() {
      return shown(this.scene.frames);
    },
    coming() {
      return Math.max(0, this.progress.waiting + this.progress.making - this.progress.replacing.length);
    },
  },
  methods: {
    images,
    nameOf(frame) {
      const place = this.frames.indexOf(frame) + 1;
      const mark = frame.favourite ? ", favourite" : "";
      return `Image ${place} of scene ${this.scene.scene_number || this.at + 1}: ${shotName(frame.shot)}${mark}`;
    },
  },
};
