// Images whose scene was deleted: kept aside, and offered back.

import Picture from "/static/storyboard/picture.js";
import { images, shotName } from "/static/storyboard/words.js";

export default {
  components: { Picture },
  props: { aside: { type: Array, required: true }, scenes: { type: Array, required: true } },
  emits: ["open", "attach", "restore", "discard"],
  template: `
    <section v-if="groups.length" class="tray" aria-label="Images without a scene">
      <h2>Images without a scene</h2>
      <p class="soft">Their scene was deleted. Nothing is lost: bring the scene back, put an image under another scene,
        or discard it.</p>
      <div v-for="group in groups" :key="group.id" class="tray-scene">
        <header><h3>{{ group.slugline || "Untitled scene" }}</h3>
          <span v-if="group.late" class="mark stale">{{ images(group.late) }} came after the deletion</span>
          <button type="button" class="button small" @click="$emit('restore', group.id)">Bring the scene back</button>
        </header>
        <ul class="frames">
          <li v-for="{ frame } in group.images" :key="frame.id" class="frame">
            <button type="button" class="tile" :aria-label="'Look at ' + shotName(frame.shot)" @click="$emit('open', frame)">
              <Picture :url="frame.url" lazy/></button>
            <div class="tray-actions">
              <select class="input" :aria-label="'Put ' + shotName(frame.shot) + ' under a scene'"
                @change="choose($event, frame)">
                <option value="">Put under…</option>
                <option v-for="(scene, at) in scenes" :key="scene.id" :value="scene.id">{{ at + 1 }} {{ scene.slugline }}</option>
              </select>
              <a class="button small plain" :href="frame.url" :download="'storyboard-' + frame.seed">Download</a>
              <button type="button" class="button small plain" @click="$emit('discard', frame)">Discard</button>
            </div>
          </li>
        </ul>
      </div>
    </section>`,
  computed: {
    groups() {
      const groups = new Map();
      for (const one of this.aside.filter((each) => !each.scene_is_back)) {
        const group = groups.get(one.scene_id) ?? { id: one.scene_id, slugline: one.slugline, late: 0, images: [] };
        group.images.push(one);
        group.late += one.came_late ? 1 : 0;
        groups.set(one.scene_id, group);
      }
      return [...groups.values()];
    },
  },
  methods: {
    images,
    shotName,
    choose(event, frame) {
      const scene = event.target.value;
      event.target.value = "";
      if (scene) this.$emit("attach", frame, scene);
    },
  },
};
