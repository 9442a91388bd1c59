// The Storyboard page: scenes in order, each with its images, made many at a time.

import { markRaw } from "vue";
import Icon from "/static/js/icons.js";
import Menu, { MenuList } from "/static/js/menu.js";
import { Problem } from "/static/js/api.js";
import Away from "/static/js/away.js";
import { attempting } from "/static/js/attempting.js";
import { outliveServer } from "/static/js/connection.js";
import { toast } from "/static/js/toasts.js";
import DeletedScenes from "/static/script/deleted-scenes.js";
import { reorderable } from "/static/script/reordering.js";
import Lightbox from "/static/storyboard/lightbox.js";
import Scene from "/static/storyboard/scene.js";
import Shortcuts from "/static/storyboard/shortcuts.js";
import Toolbar from "/static/storyboard/toolbar.js";
import Tray from "/static/storyboard/tray.js";
import template from "/static/storyboard/page-template.js";
import { ofScene, outcome } from "/static/storyboard/progress.js";
import { openStoryboard, shown } from "/static/storyboard/store.js";
import { neighbour } from "/static/storyboard/tiles.js";
import { images } from "/static/storyboard/words.js";

export default {
  components: { Away, DeletedScenes, Icon, Lightbox, Menu, MenuList, Scene, Shortcuts, Toolbar, Tray },
  mixins: [attempting],
  props: {
    project: { type: String, required: true },
    model: { type: Object, required: true },
    most: { type: Number, required: true },
  },
  data: () => ({
    store: null,
    failure: "",
    helping: false,
    restoring: false,
    active: "", // the tile that the Tab key reaches
    looking: null, // the id of the frame in the lightbox
    announcement: "",
  }),
  template,
  computed: {
    board() {
      return this.store?.state ?? null;
    },
    scenes() {
      return this.board?.scenes ?? [];
    },
    progress() {
      return Object.fromEntries(this.scenes.map((scene) => [scene.id, ofScene(this.board.runs, scene.id)]));
    },
    /** Every image in the order of the page, with its scene. */
    all() {
      return this.scenes.flatMap((scene) => shown(scene.frames).map((frame) => ({ frame, scene })));
    },
    seen() {
      return this.all.find(({ frame }) => frame.id === this.looking) ?? this.seenAside;
    },
    seenAside() {
      const aside = this.board?.aside.find(({ frame }) => frame.id === this.looking);
      return aside ? { frame: aside.frame, scene: null } : null;
    },
    at() {
      return this.all.findIndex(({ frame }) => frame.id === this.looking);
    },
    tabStop() {
      const stops = this.scenes.flatMap(({ id, frames }) => [...shown(frames).map((frame) => frame.id), `none-${id}`]);
      return stops.includes(this.active) ? this.active : (this.all[0]?.frame.id ?? stops[0] ?? "");
    },
    menu() {
      return [
        { label: "Contact sheet", hint: "Print or PDF", href: `/api/projects/${this.project}/storyboard/sheet.html` },
        { divider: true },
        { label: "Deleted scenes…", run: () => (this.restoring = true) },
        { label: "Keyboard shortcuts", hint: "?", run: () => (this.helping = true) },
      ];
    },
  },
  watch: {
    "board.runs": {
      handler(runs, before) {
        for (const run of runs ?? []) {
          const was = before?.find((other) => other.id === run.id);
          if (was?.state === "running" && run.state !== "running") this.onEnded(run);
        }
      },
    },
  },
  created() {
    this.store = markRaw(openStoryboard(this.project));
  },
  mounted() {
    outliveServer();
    addEventListener("keydown", this.onKey);
    addEventListener("pagehide", this.store.leave);
    this.start();
  },
  unmounted() {
    removeEventListener("keydown", this.onKey);
    removeEventListener("pagehide", this.store.leave);
    this.store.leave();
    this.stopDragging?.();
  },
  methods: {
    async start() {
      this.failure = "";
      try {
        await this.store.load();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.failure = error.message;
        return;
      }
      this.store.follow();
      await this.$nextTick();
      this.letScenesBeDragged();
    },
    letScenesBeDragged() {
      this.stopDragging = reorderable(this.$refs.list, {
        itemSelector: ".board-scene",
        handleSelector: ".scene-head .number",
        scroller: this.$refs.scroller,
        nameOf: (item) => this.store.sceneOf(item.dataset.scene).slugline,
        enabled: () => true,
        onMove: (from, to) => this.moveScene(this.scenes[from].id, to),
      });
    },
    async attemptThen(work, message, undo = null) {
      if (!(await this.attempt(work))) return;
      const action = undo && { label: "Undo", run: () => this.attempt(undo) };
      if (message) toast(message, { action });
    },

    // Images

    make(perScene) {
      return this.attempt(() => this.store.start(perScene));
    },
    makeScene(scene, perScene = 1) {
      return this.attempt(() => this.store.start(perScene, [scene.id]));
    },
    stop(runs) {
      return this.attempt(() => Promise.all(runs.map((run) => this.store.cancel(run))));
    },
    resume(run) {
      return this.attempt(() => this.store.resume(run));
    },
    letGo(run) {
      return this.attempt(() => this.store.cancel(run));
    },
    onEnded(run) {
      this.announcement = outcome(run);
      const made = run.counts.done + run.counts.aside;
      if (run.kind === "frame" && made) this.offerOld(run);
      else if (run.counts.aside) toast(`${images(run.counts.aside)} kept aside: the scene was deleted meanwhile.`);
    },
    /** A frame was made anew: the old one can come back. */
    async offerOld(run) {
      await this.store.load();
      const frames = this.scenes.flatMap((scene) => scene.frames);
      const fresh = frames.find((frame) => Date.parse(frame.made_at) >= Date.parse(run.started_at) && !frame.replaced_by);
      const old = frames.find((frame) => frame.replaced_by && frame.replaced_by === fresh?.id);
      if (!old) return;
      if (this.looking === old.id) this.looking = fresh.id;
      if (this.active === old.id) this.focusTile(fresh.id);
      toast("The image was made anew.", {
        action: { label: "Undo", run: () => this.bringBack(old, fresh.id) },
      });
    },
    favourite(frame) {
      return this.attempt(() => this.store.change(frame, { favourite: !frame.favourite }));
    },
    regenerate(frame) {
      return this.attempt(() => this.store.regenerate(frame));
    },
    async bringBack(old, instead = this.looking) {
      if (!(await this.attempt(() => this.store.bringBack(old)))) return;
      if (this.looking && this.looking === instead) this.looking = old.id;
      this.announcement = "The earlier image is back";
    },
    async discard(frame) {
      const following = this.all[this.all.findIndex((one) => one.frame.id === frame.id) + 1]?.frame.id;
      if (this.looking === frame.id) this.looking = null;
      await this.attemptThen(
        () => this.store.change(frame, { discarded: true }),
        "The image was discarded.",
        () => this.store.change(frame, { discarded: false }),
      );
      if (following && this.active === frame.id) this.focusTile(following);
    },
    attach(frame, sceneId) {
      const name = this.store.sceneOf(sceneId)?.slugline || "the scene";
      return this.attemptThen(() => this.store.attach(frame, sceneId), `The image is now under “${name}”.`);
    },
    async putBack(returning) {
      for (const { frame, scene_id: sceneId } of returning) {
        if (!(await this.attempt(() => this.store.attach(frame, sceneId)))) return;
      }
    },

    // Scenes

    async moveScene(id, to) {
      if (to < 0 || to >= this.scenes.length || to === this.store.indexOf(id)) return;
      const { slugline } = this.store.sceneOf(id);
      let before;
      const focused = document.activeElement?.dataset?.frame;
      const moving = this.attemptThen(
        async () => {
          before = await this.store.move(id, to);
        },
        `“${slugline}” is now scene ${to + 1}.`,
        () => this.store.order(before),
      );
      if (!focused) return;
      // What is moved in the page loses the focus: the next key must not wait for the server to find its tile.
      this.focusTile(focused);
      await moving;
      if (document.activeElement === document.body) this.focusTile(focused); // it was moved back
    },
    async removeScene(id) {
      const { slugline } = this.store.sceneOf(id);
      await this.attemptThen(
        () => this.store.deleteScene(id),
        `“${slugline || "Untitled scene"}” was deleted. Its images are kept.`,
        () => this.store.restoreScene(id),
      );
    },
    restoreScene(id) {
      return this.attemptThen(() => this.store.restoreScene(id), "The scene is back, with its images.");
    },

    // Menus

    openFrameMenu(event, frame, scene) {
      const replacing = this.progress[scene.id].replacing.includes(frame.id);
      this.$refs.menu.open(event, "Actions for this image", [
        { label: "Look at it", hint: "Enter", run: () => this.open(frame) },
        { label: frame.favourite ? "No favourite" : "Favourite", hint: "F", run: () => this.favourite(frame) },
        { label: "Make it anew", hint: "R", disabled: replacing, run: () => this.regenerate(frame) },
        { label: "Download", href: frame.url, download: `storyboard-${frame.seed}` },
        { divider: true },
        { label: "Discard", hint: "Del", danger: true, run: () => this.discard(frame) },
      ]);
    },
    openSceneMenu(event, scene) {
      const at = this.store.indexOf(scene.id);
      this.$refs.menu.open(event, `Actions for scene ${at + 1}`, [
        { label: "Make one more image", hint: "G", run: () => this.makeScene(scene) },
        { label: "Make four more", run: () => this.makeScene(scene, 4) },
        { divider: true },
        { label: "Move earlier", hint: "Alt ↑", disabled: at === 0, run: () => this.moveScene(scene.id, at - 1) },
        {
          label: "Move later",
          hint: "Alt ↓",
          disabled: at === this.scenes.length - 1,
          run: () => this.moveScene(scene.id, at + 1),
        },
        { divider: true },
        { label: "Delete scene", hint: "Alt Del", danger: true, run: () => this.removeScene(scene.id) },
      ]);
    },

    // Looking

    open(frame) {
      this.looking = frame.id;
      if (this.all.some((one) => one.frame.id === frame.id)) this.active = frame.id;
    },
    step(by) {
      const next = this.all[this.at + by];
      if (next) this.open(next.frame);
    },
    close() {
      // The browser has given the focus back to the tile that was opened; another one may be looked at by now.
      const seen = this.looking;
      this.looking = null;
      if (seen) this.focusTile(seen);
    },
    focusTile(id) {
      this.active = id;
      this.$nextTick(() => this.$el.querySelector(`.tile[data-frame="${CSS.escape(id)}"]`)?.focus());
    },
    returningTo(id) {
      return this.board.aside.filter((aside) => aside.scene_is_back && aside.scene_id === id);
    },
    numberOf(scene) {
      return scene ? scene.scene_number || String(this.store.indexOf(scene.id) + 1) : "";
    },
    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, dialog, [popover]")) return;
      if (event.key === "?") {
        event.preventDefault();
        this.helping = true;
        return;
      }
      const holder = event.target.closest(".board-scene");
      if (!holder) return;
      if (this.doToScene(event, this.store.sceneOf(holder.dataset.scene))) event.preventDefault();
      else if (this.doToTile(event)) event.preventDefault();
    },
    doToScene(event, scene) {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.altKey && by) this.moveScene(scene.id, this.store.indexOf(scene.id) + by);
      else if (event.altKey && event.key === "Delete") this.removeScene(scene.id);
      else if (!event.altKey && event.key.toLowerCase() === "g") this.makeScene(scene);
      else return false;
      return true;
    },
    doToTile(event) {
      const tile = event.target.closest(".tile");
      if (!tile || event.altKey) return false;
      if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
        neighbour(this.$el, tile, event.key)?.focus();
        return true;
      }
      const frame = this.all.find((one) => one.frame.id === tile.dataset.frame)?.frame;
      const action = { f: this.favourite, r: this.regenerate, delete: this.discard }[event.key.toLowerCase()];
      if (!frame || !action) return false;
      action(frame);
      return true;
    },
  },
};
