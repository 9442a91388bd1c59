// The Script page: scenes at the left, the page being written in the middle, summaries at the right.

import { markRaw } from "vue";
import Away from "/static/js/away.js";
import Icon from "/static/js/icons.js";
import Menu from "/static/js/menu.js";
import { Problem } from "/static/js/api.js";
import { outliveServer } from "/static/js/connection.js";
import { complain, toast } from "/static/js/toasts.js";
import Cards from "/static/script/cards.js";
import Conflict from "/static/script/conflict.js";
import DeletedScenes from "/static/script/deleted-scenes.js";
import Navigator from "/static/script/navigator.js";
import SaveStatus from "/static/script/save-status.js";
import Shortcuts from "/static/script/shortcuts.js";
import SummaryPanel from "/static/script/summary-panel.js";
import Writing from "/static/script/writing.js";
import conflicts from "/static/script/page-conflicts.js";
import layout from "/static/script/page-layout.js";
import template from "/static/script/page-template.js";
import { followSplit } from "/static/script/mending.js";
import { recall, remember } from "/static/script/places.js";
import { TITLE_PAGE, openStore } from "/static/script/store.js";
import { openSummaries } from "/static/script/summaries.js";
import { titleLine } from "/static/script/words.js";

export default {
  mixins: [conflicts, layout],
  components: {
    Away,
    ...{ Cards, Conflict, DeletedScenes, Icon, Menu, Navigator, SaveStatus, Shortcuts, SummaryPanel, Writing },
  },
  props: { project: { type: String, required: true }, model: { type: Object, required: true } },
  data: () => ({
    current: null, // the id of the text on the desk
    saver: null, // and what saves it
    failure: "",
    helping: false,
    restoring: false,
    announcement: "",
    store: null,
    summaries: null,
  }),
  template,
  computed: {
    script() {
      return this.store?.state ?? null;
    },
    work() {
      return this.summaries?.state ?? null;
    },
    scenes() {
      return this.script?.scenes ?? [];
    },
    scene() {
      return this.scenes.find((scene) => scene.id === this.current) ?? null;
    },
    at() {
      return this.scenes.findIndex((scene) => scene.id === this.current);
    },
    onTitlePage() {
      return this.current === TITLE_PAGE;
    },
    name() {
      return this.onTitlePage ? "the title page" : this.scene?.slugline || "Untitled scene";
    },
    place() {
      if (this.onTitlePage) return "Title page";
      return this.scene ? `Scene ${this.at + 1} of ${this.scenes.length}` : "Deleted scene";
    },
    previous() {
      return this.scenes[this.at - 1] ?? null;
    },
    next() {
      return this.scenes[this.at + 1] ?? null;
    },
    saving() {
      return this.script?.saving[this.current] ?? null;
    },
    titlePage() {
      return titleLine(this.script?.preamble ?? "");
    },
    exports() {
      const api = `/api/projects/${this.project}`;
      return [
        { label: "Export Fountain", href: `${api}/export.fountain`, download: "" },
        { label: "Print or save as PDF", href: `${api}/export.html` },
        { label: "Export project", hint: "JSON", href: `${api}/export.json`, download: "" },
        { divider: true },
        { label: "Deleted scenes…", run: () => (this.restoring = true) },
        { label: "Keyboard shortcuts", run: () => (this.helping = true) },
      ];
    },
  },
  created() {
    const hooks = {
      onSplit: (saver, sent, saved) => this.onSplit(saver, sent, saved),
      onMerged: (id, saver, merge) => this.onMerged(id, saver, merge),
      onRenewed: (ids) => ids.has(this.current) && this.showAgain(this.current),
      rest: (id) => this.rest(id),
    };
    this.store = markRaw(openStore(this.project, hooks));
    this.summaries = markRaw(openSummaries(this.store));
  },
  mounted() {
    outliveServer();
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    addEventListener("pagehide", () => this.leave(), { signal });
    addEventListener("online", () => this.store.hurry(), { signal });
    addEventListener("focus", () => this.onFocus(), { signal });
    document.addEventListener("visibilitychange", () => this.onVisibility(), { signal });
    addEventListener("hashchange", () => this.openFromAddress(), { signal });
    this.start();
  },
  unmounted() {
    this.leave();
    this.summaries.leave();
    this.listeners.abort();
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
      const place = recall(this.project);
      this.openFirst(place);
      this.summaries.follow();
      await this.recover();
    },
    /** Open the scene of the address, of the last visit, or the first; with the caret where a reload found it. */
    openFirst(place) {
      const wanted = [location.hash.slice(1), place?.id].find((id) => id === TITLE_PAGE || this.store.sceneOf(id));
      const id = wanted || this.scenes[0]?.id || null;
      if (id) this.show(id, place?.id === id ? place.caret : null);
    },
    async recover() {
      const recovered = await this.attempt(() => this.store.recover());
      if (!recovered?.length) return;
      const id = recovered.includes(this.current) ? this.current : recovered[0];
      this.reshow(id);
      toast("What you had typed before is back, and is being saved.");
    },
    async attempt(work) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        complain(error);
        return undefined;
      }
    },

    // Going from text to text

    show(id, selection = null) {
      if (this.current !== id) this.saver?.flush();
      this.current = id;
      this.saver = this.store.saverOf(id);
      history.replaceState(history.state, "", `#${id}`);
      if (this.saver.state === "conflict") this.offerComparison();
      if (selection) this.$nextTick(() => this.$refs.writing?.show(null, null, selection));
    },
    /** Show the text `id` afresh, as when it changed below the editor. */
    reshow(id, selection = null) {
      if (id !== this.current) this.show(id, selection);
      else this.$nextTick(() => this.$refs.writing?.show(null, null, selection));
    },
    openScene(id) {
      this.show(id, matchMedia("(pointer: coarse)").matches ? null : { start: 0, end: 0 });
      this.setView("write");
    },
    openTitlePage() {
      this.openScene(TITLE_PAGE);
    },
    openFromAddress() {
      const id = location.hash.slice(1);
      if (id !== this.current && (id === TITLE_PAGE || this.store.sceneOf(id))) this.show(id);
    },

    // Writing

    onTyped(text) {
      this.lastTyped = Date.now();
      this.saver.edit(text);
    },
    onLeft() {
      this.saver?.flush();
    },
    async onSplit(saver, sent, saved) {
      const here = this.current === saved.id;
      const selection = (here && this.$refs.writing?.caret()) || null;
      const place = await followSplit(this.store, saver, sent, saved, selection?.start ?? null);
      if (!here) return;
      const caret = selection && { start: place.offset, end: place.offset };
      this.reshow(place.id, caret);
      const heading = this.store.sceneOf(saved.added[0].id)?.slugline;
      this.announcement = `A new scene begins: ${heading}`;
    },
    onStatus(state) {
      if (state === "conflict") this.compare();
      else this.store.hurry();
    },
    leave() {
      if (this.current) remember(this.project, { id: this.current, caret: this.$refs.writing?.caret() });
      this.store.leave();
    },
    onFocus() {
      this.store.hurry(); // whoever comes back may just have logged in again, or started Studio
      this.refresh();
    },
    onVisibility() {
      if (document.visibilityState === "visible") this.refresh();
      else this.store.flushAll();
    },
    /** Follow what other windows did, without touching what is being typed here. */
    async refresh() {
      if (!this.script.loaded || this.refreshing) return;
      this.refreshing = true;
      try {
        const at = this.at;
        const renewed = await this.store.load();
        const deleted = this.current && !this.onTitlePage && !this.scene;
        // Words that are not saved yet stay on the desk: saving them will tell that the scene is gone.
        if (deleted && this.saver.clean) this.leaveDeleted(at);
        else if (renewed.has(this.current)) this.reshow(this.current, this.$refs.writing?.caret());
      } catch (error) {
        if (!(error instanceof Problem)) throw error; // the save status tells when the server is away
      } finally {
        this.refreshing = false;
      }
    },
    /** Show the scene that stands at `at` now that another one is gone, or the empty script. */
    showNear(at) {
      this.current = this.saver = null;
      const neighbour = this.scenes[Math.min(at, this.scenes.length - 1)];
      if (neighbour) this.show(neighbour.id);
    },
    leaveDeleted(at) {
      this.showNear(at);
      toast("The scene you were looking at was deleted in another window.");
    },

    // Scenes

    async addScene(after) {
      const anchor = after === TITLE_PAGE ? null : after;
      const scene = await this.attempt(() => this.store.addScene(anchor));
      if (!scene) return;
      this.setView("write");
      // The heading's words wait, selected, to be typed over.
      const start = /^(?:INT|EXT)\. /.test(scene.text) ? 5 : 0;
      this.show(scene.id, { start, end: scene.text.search(/[\r\n]|$/) });
      this.announcement = `Scene ${this.at + 1} added`;
    },
    async moveScene(id, to) {
      const before = await this.attempt(() => this.store.move(id, to));
      if (!before) return;
      const { slugline } = this.store.sceneOf(id);
      this.announcement = `${slugline} moved to place ${to + 1} of ${this.scenes.length}`;
      toast(`“${slugline}” is now scene ${to + 1}.`, {
        action: { label: "Undo", run: () => this.attempt(() => this.store.order(before)) },
      });
    },
    async removeScene(id) {
      const at = this.store.indexOf(id);
      const { slugline } = this.scenes[at];
      const done = await this.attempt(async () => {
        await this.store.deleteScene(id);
        return true;
      });
      if (!done) return;
      if (this.current === id) this.showNear(at);
      toast(`“${slugline || "Untitled scene"}” was deleted.`, {
        action: { label: "Undo", run: () => this.undelete(id) },
      });
    },
    async undelete(id) {
      const scene = await this.attempt(() => this.store.restoreScene(id));
      if (scene) this.onRestored(scene);
    },
    onRestored(scene) {
      this.show(scene.id);
      this.announcement = `${scene.slugline} is back`;
    },
    summarise(id) {
      return this.attempt(() => this.summaries.one(id));
    },
    step(by) {
      const scene = by < 0 ? this.previous : this.next;
      if (scene) this.openScene(scene.id);
    },
  },
};
