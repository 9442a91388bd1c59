// The plan as a tree: read, written in, ticked off, ordered, taken away as a file.

import Icon from "/static/js/icons.js";
import Menu, { MenuList } from "/static/js/menu.js";
import { Problem } from "/static/js/api.js";
import { ago, moment } from "/static/js/times.js";
import { complain, toast } from "/static/js/toasts.js";
import { randomId } from "/static/script/drafts.js";
import Patience from "/static/interview/patience.js";
import PlanItem from "/static/interview/plan-item.js";
import { flat, kindBelow, placeOf, rowsOf } from "/static/interview/outline.js";

const NEW_TITLES = { epic: "New epic", story: "New story", task: "New task", subtask: "New subtask" };

export default {
  components: { Icon, Menu, MenuList, Patience, PlanItem },
  props: {
    view: { type: Object, required: true },
    plan: { type: Object, default: null },
    store: { type: Object, required: true },
    busy: Boolean,
    longest: { type: Number, required: true },
  },
  emits: ["make", "review", "announce"],
  data: () => ({ folds: {}, active: "", drafts: {} }),
  template: `
    <section class="plan" aria-label="Plan">
      <div v-if="!plan" class="empty">
        <template v-if="view.plan.state === 'making'"><p class="thinking-words" role="status"><span class="spinner"></span> Making the plan of your answers…</p>
          <p class="soft">You may leave this page; it will be here.</p>
          <Patience :since="view.plan.making_since" :trouble="view.plan.trouble" :busy="busy" what="Start over" @again="$emit('make')"/></template>
        <template v-else-if="view.plan.id"><p class="thinking-words" role="status"><span class="spinner"></span> Fetching the plan…</p>
          <div class="actions"><button type="button" class="button" @click="store.load()">Try again</button></div></template>
        <template v-else-if="view.plan.state === 'failed'"><div class="notice" role="alert"><p><strong>No plan was made.</strong> {{ view.plan.failure }}</p></div>
          <div class="actions"><button type="button" class="button primary" :disabled="busy" @click="$emit('make')">Try again</button></div></template>
        <template v-else-if="view.state === 'finished'"><h2>No plan yet</h2>
          <p>Have one made of your answers: epics, stories, tasks and subtasks that you can then change as you like.</p>
          <div class="actions"><button type="button" class="button primary" :disabled="busy" @click="$emit('make')">Make the plan</button></div></template>
        <template v-else><h2>First the interview</h2><p>The plan is made of your answers. Go through the questions, then come back.</p>
          <div class="actions"><button type="button" class="button primary" @click="$emit('review')">See where you are</button></div></template>
      </div>
      <template v-else>
        <header>
          <p class="soft"><strong>{{ done }} of {{ total }}</strong> done · made <span :title="moment(plan.made_at)">{{ ago(plan.made_at) }}</span>
            by {{ plan.model === "local" ? "the local model" : plan.model }}</p>
          <div class="actions">
            <button type="button" class="button small" @click="addEpic"><Icon name="plus"/>Epic</button>
            <button v-if="view.plan.state === 'making'" type="button" class="button small" disabled><span class="spinner"></span>Making a new plan…</button>
            <button v-else type="button" class="button small" :class="{ primary: plan.stale }" :disabled="busy || view.state !== 'finished'" @click="$emit('make')">New plan</button>
            <button type="button" class="button small" aria-haspopup="menu" aria-expanded="false" @click="openExports"><Icon name="download"/>Export</button>
            <Menu v-if="plan.plans.length > 1" label="Earlier plans" :items="earlier" small/>
          </div>
          <div v-if="plan.stale" class="notice calm"><p><strong>Answers have changed</strong> since this plan was made. A new one
            is made beside it; this one stays and can be brought back.</p></div>
          <div v-if="view.plan.state === 'failed'" class="notice" role="alert"><p><strong>No new plan was made.</strong> {{ view.plan.failure }}</p>
            <button type="button" class="button small" :disabled="busy" @click="$emit('make')">Try again</button></div>
          <Patience v-if="view.plan.state === 'making'" :since="view.plan.making_since" :trouble="view.plan.trouble" :busy="busy"
            what="Start over" @again="$emit('make')"/>
        </header>
        <p class="visually-hidden" id="plan-help">Arrow keys go through the items and open them, Enter writes, Space ticks off,
          N adds an item, B adds one below, Delete removes, question mark shows all shortcuts.</p>
        <ul ref="tree" role="tree" class="plan-tree" aria-label="Epics, stories, tasks and subtasks" aria-describedby="plan-help" @keydown="onKey">
          <PlanItem v-for="row in rows" :key="row.item.id" :row="row" :open="isOpen(row.item, row.level)" :active="row.item.id === tabStop"
            :draft="drafts[row.item.id] ?? null" :longest="longest" @toggle="toggle(row)" @tick="tick(row)" @write="write(row)"
            @typed="typed(row, $event)" @save="save(row)" @leave="leave(row)" @menu="openMenu($event, row)" @focused="active = $event"/>
        </ul>
        <p v-if="!rows.length" class="soft none">Nothing is in the plan. Add an epic, or have a new plan made.</p>
      </template>
      <MenuList ref="menu"/>
    </section>`,
  computed: {
    rows() {
      return this.plan ? rowsOf(this.plan.epics, this.isOpen) : [];
    },
    leaves() {
      return flat(this.plan.epics).filter((item) => !item.children.length);
    },
    total() {
      return this.leaves.length;
    },
    done() {
      return this.leaves.filter((item) => item.done).length;
    },
    tabStop() {
      return this.rows.some((row) => row.item.id === this.active) ? this.active : (this.rows[0]?.item.id ?? "");
    },
    earlier() {
      return this.plan.plans
        .filter((made) => !made.current)
        .map((made) => ({ label: `Bring back the plan made ${ago(made.made_at)}`, run: () => this.bringBack(made) }));
    },
  },
  created() {
    // What was being written when the page was left.
    for (const name of this.store.drafts.names().filter((one) => one.startsWith("item-"))) {
      this.drafts[name.slice(5)] = this.store.drafts.get(name);
    }
  },
  methods: {
    ago,
    moment,
    isOpen(item, level) {
      return this.folds[item.id] ?? level < 2;
    },
    rowOf(id) {
      return this.rows.find((row) => row.item.id === id);
    },
    toggle({ item, level }) {
      this.folds[item.id] = !this.isOpen(item, level);
    },

    // Changes

    async attempt(work) {
      try {
        await work();
        return true;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        if (error.status === 409 || error.status === 404) await this.store.load();
        complain(error);
        return false;
      }
    },
    tick({ item }) {
      return this.attempt(() => this.store.changeItem(item.id, { done: !item.done }));
    },
    write({ item }) {
      this.drafts[item.id] ??= { title: item.title, detail: item.detail, base: { title: item.title, detail: item.detail } };
    },
    typed({ item }, draft) {
      this.drafts[item.id] = draft;
      this.store.drafts.keep(`item-${item.id}`, draft);
    },
    async save({ item }) {
      const { title, detail, base } = this.drafts[item.id];
      const change = {};
      if (title !== base.title) Object.assign(change, { title, base_title: base.title });
      if (detail !== base.detail) Object.assign(change, { detail, base_detail: base.detail });
      if (!title.trim()) return;
      if (Object.keys(change).length && !(await this.attempt(() => this.store.changeItem(item.id, change)))) {
        // The writer has seen what is stored now; the next save replaces it.
        const stored = flat(this.plan.epics).find((one) => one.id === item.id);
        if (stored) this.drafts[item.id].base = { title: stored.title, detail: stored.detail };
        return;
      }
      this.leave({ item });
    },
    leave({ item }) {
      delete this.drafts[item.id];
      this.store.drafts.forget(`item-${item.id}`);
      this.focusItem(item.id);
    },
    async add(kind, parent, after) {
      const before = new Set(flat(this.plan.epics).map((item) => item.id));
      const item = { title: NEW_TITLES[kind], parent: parent?.id ?? null, after: after?.id ?? null, op_id: randomId() };
      if (!(await this.attempt(() => this.store.addItem(item)))) return;
      if (parent) this.folds[parent.id] = true;
      const added = flat(this.plan.epics).find((one) => !before.has(one.id));
      if (!added) return;
      this.active = added.id;
      this.write({ item: added });
    },
    addEpic() {
      return this.add("epic", null, null);
    },
    addBehind({ item, parent }) {
      return this.add(item.kind, parent, item);
    },
    addBelow({ item }) {
      const kind = kindBelow(item.kind);
      return kind ? this.add(kind, item, null) : null;
    },
    async move(row, by) {
      const place = placeOf(row, by, this.plan.epics);
      if (!place) return;
      if (!(await this.attempt(() => this.store.moveItem(row.item.id, place)))) return;
      if (place.parent) this.folds[place.parent] = true;
      this.focusItem(row.item.id);
      this.$emit("announce", `${row.item.title} was moved ${by < 0 ? "up" : "down"}`);
    },
    async remove({ item }) {
      const at = this.rows.findIndex((row) => row.item.id === item.id);
      const neighbour = this.rows[at - 1] ?? this.rows[at + 1];
      if (!(await this.attempt(() => this.store.changeItem(item.id, { removed: true })))) return;
      if (neighbour) this.focusItem(neighbour.item.id);
      const run = () => this.attempt(() => this.store.changeItem(item.id, { removed: false }));
      const below = flat(item.children).length;
      toast(`“${item.title}” was removed${below ? `, with ${below} below it` : ""}.`, { action: { label: "Undo", run } });
    },
    bringBack(made) {
      return this.attempt(() => this.store.bringBack(made));
    },

    // Menus and keys

    openExports(event) {
      this.$refs.menu.open(event, "Export", [
        { label: "Markdown", hint: "for people", href: this.store.exports("md"), download: "" },
        { label: "CSV", hint: "for spreadsheets", href: this.store.exports("csv"), download: "" },
        { label: "JSON", hint: "for programs", href: this.store.exports("json"), download: "" },
      ]);
    },
    openMenu(event, row) {
      const { kind } = row.item;
      this.active = row.item.id;
      this.$refs.menu.open(event, `Actions for ${row.item.title}`, [
        { label: "Write in it", hint: "Enter", run: () => this.write(row) },
        { label: `New ${kind} behind it`, hint: "N", run: () => this.addBehind(row) },
        ...(kindBelow(kind) ? [{ label: `New ${kindBelow(kind)} below it`, hint: "B", run: () => this.addBelow(row) }] : []),
        { divider: true },
        { label: "Move up", hint: "Alt ↑", disabled: !placeOf(row, -1, this.plan.epics), run: () => this.move(row, -1) },
        { label: "Move down", hint: "Alt ↓", disabled: !placeOf(row, 1, this.plan.epics), run: () => this.move(row, 1) },
        { divider: true },
        { label: "Remove", hint: "Del", danger: true, run: () => this.remove(row) },
      ]);
    },
    focusItem(id) {
      this.active = id;
      this.$nextTick(() => this.$refs.tree?.querySelector(`[data-item="${CSS.escape(id)}"]`)?.focus());
    },
    onKey(event) {
      if (event.ctrlKey || event.metaKey || event.target.closest("input:not(.tick), textarea, button")) return;
      const row = this.rowOf(event.target.closest("[data-item]")?.dataset.item);
      if (row && (event.altKey ? this.onAltKey(event, row) : this.onPlainKey(event, row))) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    onAltKey(event, row) {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (by) this.move(row, by);
      return Boolean(by);
    },
    onPlainKey(event, row) {
      const at = this.rows.indexOf(row);
      const open = this.isOpen(row.item, row.level);
      const go = (to) => to && this.focusItem(to.item.id);
      const keys = {
        ArrowUp: () => go(this.rows[at - 1]),
        ArrowDown: () => go(this.rows[at + 1]),
        Home: () => go(this.rows[0]),
        End: () => go(this.rows.at(-1)),
        ArrowRight: () => (row.item.children.length && !open ? this.toggle(row) : row.item.children.length && go(this.rows[at + 1])),
        ArrowLeft: () => (row.item.children.length && open ? this.toggle(row) : row.parent && this.focusItem(row.parent.id)),
        Enter: () => this.write(row),
        " ": () => this.tick(row),
        n: () => this.addBehind(row),
        b: () => this.addBelow(row),
        Delete: () => this.remove(row),
      };
      const run = keys[event.key] ?? keys[event.key.toLowerCase()];
      run?.();
      return Boolean(run);
    },
  },
};
