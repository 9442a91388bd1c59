// The scenes of the script in order: to go to, to search, to move, to delete.

import Icon from "/static/js/icons.js";
import { MenuList } from "/static/js/menu.js";
import { reorderable } from "/static/script/reordering.js";
import { excerpt, matches } from "/static/script/words.js";

const UNSAVED = { conflict: "Conflict", gone: "Deleted elsewhere", refused: "Not saved", retrying: "Not saved" };

export default {
  components: { Icon, MenuList },
  props: {
    scenes: { type: Array, required: true },
    current: { type: String, default: null },
    saving: { type: Object, required: true },
    running: { type: Object, required: true },
    titlePage: { type: String, default: "" },
  },
  emits: ["open", "add", "move", "remove", "open-title-page"],
  data: () => ({ query: "", active: null }),
  template: `
    <nav class="navigator" aria-label="Scenes">
      <div class="navigator-head">
        <h2>Scenes <span class="count">{{ scenes.length }}</span></h2>
        <button type="button" class="icon" aria-label="Add a scene" title="Add a scene after this one"
          @click="$emit('add', current)"><Icon name="plus"/></button>
      </div>
      <div class="search">
        <Icon name="search"/>
        <label class="visually-hidden" for="scene-search">Search scenes</label>
        <input id="scene-search" class="input" type="search" v-model="query" placeholder="Search scenes"
          autocomplete="off" @keydown.down.prevent="focusFirst" @keydown.enter.prevent="openFirst"
          @keydown.esc="query = ''">
      </div>
      <p class="visually-hidden" role="status">{{ query ? found : "" }}</p>
      <div ref="scroller" class="scroller">
        <button v-if="!query" type="button" class="title-page-item" :aria-current="current === 'title-page' ? 'true' : null"
          @click="$emit('open-title-page')"><span>Title page</span>
          <small>{{ titlePage || "not written yet" }}</small></button>
        <ol ref="list" @keydown="onKey">
          <li v-for="scene in shown" :key="scene.id" v-memo="looks(scene)" class="scene-item" :data-scene="scene.id"
            :class="{ current: scene.id === current }">
            <span v-if="!query" class="grip" title="Drag to move" aria-hidden="true"></span>
            <button type="button" class="go" :tabindex="scene.id === tabStop ? 0 : -1" :data-go="scene.id"
              :aria-current="scene.id === current ? 'true' : null" @click="$emit('open', scene.id)"
              @focus="active = scene.id" aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete">
              <span class="number">{{ numberOf(scene) }}</span>
              <span class="slugline">{{ scene.slugline || "Untitled scene" }}</span>
              <span class="excerpt" :class="{ own: !scene.summary }">{{ excerpt(scene) }}</span>
              <span class="marks">
                <span v-if="unsaved(scene)" class="mark danger">{{ unsaved(scene) }}</span>
                <span v-if="running[scene.id]" class="mark"><span class="spinner"></span>Refreshing</span>
                <span v-else-if="scene.summary?.stale" class="mark stale">Stale summary</span>
              </span>
            </button>
            <button type="button" class="icon small more" aria-haspopup="menu" aria-expanded="false"
              :tabindex="scene.id === tabStop ? 0 : -1" :aria-label="'Actions for scene ' + numberOf(scene)"
              title="Actions" @click="openMenu($event, scene)"></button>
          </li>
        </ol>
        <p v-if="query && !shown.length" class="nothing">No scene has “{{ query }}” in it.
          <button type="button" class="button small" @click="query = ''">Show all scenes</button></p>
      </div>
      <MenuList ref="menu"/>
    </nav>`,
  computed: {
    shown() {
      return this.query.trim() ? this.scenes.filter((scene) => matches(scene, this.query)) : this.scenes;
    },
    places() {
      return new Map(this.scenes.map((scene, at) => [scene.id, at]));
    },
    tabStop() {
      const wanted = [this.active, this.current].find((id) => this.shown.some((scene) => scene.id === id));
      return wanted ?? this.shown[0]?.id;
    },
    found() {
      return this.shown.length === 1 ? "1 scene found" : `${this.shown.length} scenes found`;
    },
  },
  watch: {
    current(id) {
      this.active = null;
      this.$nextTick(() => this.button(id)?.scrollIntoView({ block: "nearest" }));
    },
  },
  mounted() {
    this.stopDragging = reorderable(this.$refs.list, {
      itemSelector: ".scene-item",
      handleSelector: ".grip",
      grid: false,
      scroller: this.$refs.scroller,
      nameOf: (item) => this.scenes[this.places.get(item.dataset.scene)].slugline,
      enabled: () => !this.query,
      onMove: (from, to) => this.$emit("move", this.scenes[from].id, to),
    });
  },
  unmounted() {
    this.stopDragging();
  },
  methods: {
    excerpt,
    numberOf(scene) {
      return scene.scene_number || String(this.places.get(scene.id) + 1);
    },
    unsaved(scene) {
      return UNSAVED[this.saving[scene.id]?.state] ?? "";
    },
    /** Everything that a row's look depends on: with hundreds of scenes, only rows that changed are drawn again. */
    looks(scene) {
      const { id, slugline, text, summary } = scene;
      const row = [slugline, text, summary?.text, summary?.stale, this.numberOf(scene), this.unsaved(scene)];
      return [...row, this.running[id], id === this.current, id === this.tabStop, !this.query];
    },
    openMenu(event, scene) {
      this.active = scene.id;
      this.$refs.menu.open(event, `Actions for scene ${this.numberOf(scene)}`, this.itemsFor(scene));
    },
    itemsFor(scene) {
      const at = this.places.get(scene.id);
      return [
        { label: "Move up", hint: "Alt ↑", disabled: at === 0, run: () => this.step(scene, -1) },
        { label: "Move down", hint: "Alt ↓", disabled: at === this.scenes.length - 1, run: () => this.step(scene, 1) },
        { label: "Add a scene below", run: () => this.$emit("add", scene.id) },
        { divider: true },
        { label: "Delete scene", hint: "Del", danger: true, run: () => this.$emit("remove", scene.id) },
      ];
    },
    button(id) {
      return this.$refs.list?.querySelector(`[data-go="${CSS.escape(id ?? "")}"]`);
    },
    focusScene(id) {
      this.active = id;
      this.$nextTick(() => this.button(id)?.focus());
    },
    focusFirst() {
      if (this.shown.length) this.focusScene(this.shown[0].id);
    },
    openFirst() {
      if (this.shown.length) this.$emit("open", this.shown[0].id);
    },
    step(scene, by) {
      const to = this.places.get(scene.id) + by;
      if (to < 0 || to >= this.scenes.length) return;
      this.$emit("move", scene.id, to);
      this.focusScene(scene.id);
    },
    onKey(event) {
      const id = event.target.closest("[data-go]")?.dataset.go;
      if (!id) return;
      const at = this.shown.findIndex((scene) => scene.id === id);
      if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
        event.preventDefault();
        if (!this.query) this.step(this.shown[at], event.key === "ArrowUp" ? -1 : 1);
        return;
      }
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const last = this.shown.length - 1;
      const to = { ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        this.focusScene(this.shown[to].id);
      } else if (event.key === "Delete") {
        event.preventDefault();
        this.$emit("remove", id);
        const next = this.shown[at + 1] ?? this.shown[at - 1];
        if (next) this.focusScene(next.id);
      }
    },
  },
};
