// The scenes as index cards on a board.

import Icon from "/static/js/icons.js";
import { MenuList } from "/static/js/menu.js";
import { reorderable } from "/static/script/reordering.js";
import { excerpt, pages } from "/static/script/words.js";

export default {
  components: { Icon, MenuList },
  props: {
    scenes: { type: Array, required: true },
    current: { type: String, default: null },
    running: { type: Object, required: true },
  },
  emits: ["open", "add", "move", "remove"],
  data: () => ({ active: null }),
  template: `
    <section ref="board" class="board" aria-label="Index cards">
      <p class="visually-hidden" id="cards-help">Arrow keys move between cards, Enter opens one, Alt with an arrow key
        moves it, Delete deletes it.</p>
      <ol ref="list" class="cards" aria-describedby="cards-help" @keydown="onKey">
        <li v-for="(scene, at) in scenes" :key="scene.id" v-memo="looks(scene, at)" class="index-card" :data-scene="scene.id"
          :class="{ current: scene.id === current }">
          <header class="card-head">
            <span class="number">{{ scene.scene_number || at + 1 }}</span>
            <button type="button" class="go" :data-go="scene.id" :tabindex="scene.id === tabStop ? 0 : -1"
              @click="$emit('open', scene.id)" @focus="active = scene.id">{{ scene.slugline || "Untitled scene" }}</button>
            <button type="button" class="icon small more" aria-haspopup="menu" aria-expanded="false"
              :tabindex="scene.id === tabStop ? 0 : -1" :aria-label="'Actions for scene ' + (scene.scene_number || at + 1)"
              title="Actions" @click="openMenu($event, scene, at)"></button>
          </header>
          <p class="card-text" :class="{ own: !scene.summary }">{{ excerpt(scene) || "Nothing written yet." }}</p>
          <footer>
            <span class="who">{{ scene.characters.slice(0, 4).join(", ") }}</span>
            <span v-if="running[scene.id]" class="mark"><span class="spinner"></span>Refreshing</span>
            <span v-else-if="scene.summary?.stale" class="mark stale">Stale</span>
            <span v-else class="length">{{ pages(scene.text) }}</span>
          </footer>
        </li>
        <li class="add-card"><button type="button" @click="$emit('add', scenes.at(-1)?.id ?? null)">
          <Icon name="plus"/>Add a scene</button></li>
      </ol>
      <MenuList ref="menu"/>
    </section>`,
  computed: {
    tabStop() {
      const wanted = [this.active, this.current].find((id) => this.scenes.some((scene) => scene.id === id));
      return wanted ?? this.scenes[0]?.id;
    },
  },
  mounted() {
    this.stopDragging = reorderable(this.$refs.list, {
      itemSelector: ".index-card",
      handleSelector: ".card-head .number, .card-text, footer",
      grid: true,
      scroller: this.$refs.board,
      nameOf: (item) => this.scenes.find((scene) => scene.id === item.dataset.scene).slugline,
      enabled: () => true,
      onMove: (from, to) => this.$emit("move", this.scenes[from].id, to),
    });
  },
  unmounted() {
    this.stopDragging();
  },
  methods: {
    excerpt,
    pages,
    looks(scene, at) {
      const { id, slugline, scene_number, text, summary } = scene;
      const card = [at, slugline, scene_number, text, summary?.text, summary?.stale];
      return [...card, this.running[id], id === this.current, id === this.tabStop];
    },
    openMenu(event, scene, at) {
      this.active = scene.id;
      this.$refs.menu.open(event, `Actions for scene ${scene.scene_number || at + 1}`, this.itemsFor(scene, at));
    },
    itemsFor(scene, at) {
      return [
        { label: "Open", hint: "Enter", run: () => this.$emit("open", scene.id) },
        { label: "Move earlier", hint: "Alt ←", disabled: at === 0, run: () => this.step(at, -1) },
        { label: "Move later", hint: "Alt →", disabled: at === this.scenes.length - 1, run: () => this.step(at, 1) },
        { label: "Add a scene after", run: () => this.$emit("add", scene.id) },
        { divider: true },
        { label: "Delete scene", hint: "Del", danger: true, run: () => this.$emit("remove", scene.id) },
      ];
    },
    focusCard(id) {
      this.active = id;
      this.$nextTick(() => this.$refs.list.querySelector(`[data-go="${CSS.escape(id)}"]`)?.focus());
    },
    columns() {
      const tops = [...this.$refs.list.querySelectorAll(".index-card")].map((card) => card.offsetTop);
      return Math.max(1, tops.filter((top) => top === tops[0]).length);
    },
    step(at, by) {
      const to = Math.min(Math.max(at + by, 0), this.scenes.length - 1);
      if (to === at) return;
      const { id } = this.scenes[at];
      this.$emit("move", id, to);
      this.focusCard(id);
    },
    onKey(event) {
      const id = event.target.closest("[data-go]")?.dataset.go;
      if (!id || event.ctrlKey || event.metaKey) return;
      const at = this.scenes.findIndex((scene) => scene.id === id);
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns(), ArrowDown: this.columns() }[event.key];
      if (by !== undefined) {
        event.preventDefault();
        if (event.altKey) this.step(at, by);
        else this.focusCard((this.scenes[at + by] ?? this.scenes[at]).id);
      } else if (event.key === "Delete" && !event.altKey) {
        event.preventDefault();
        this.$emit("remove", id);
        const next = this.scenes[at + 1] ?? this.scenes[at - 1];
        if (next) this.focusCard(next.id);
      }
    },
  },
};
