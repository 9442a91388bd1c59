// One row of the plan: fold, tick, read, write.

import Icon from "/static/js/icons.js";
import { progressOf } from "/static/interview/outline.js";

export default {
  components: { Icon },
  props: {
    row: { type: Object, required: true },
    open: Boolean,
    active: Boolean,
    /** What is being written in this item, {title, detail}; null when nothing is. */
    draft: { type: Object, default: null },
    longest: { type: Number, required: true },
  },
  emits: ["toggle", "tick", "write", "typed", "save", "leave", "menu", "focused"],
  template: `
    <li class="plan-item" :class="[row.item.kind, { done: row.item.done }]" role="treeitem" :data-item="row.item.id"
      :aria-level="row.level" :aria-posinset="row.at + 1" :aria-setsize="row.siblings.length"
      :aria-expanded="row.item.children.length ? String(open) : null" :aria-label="name" :tabindex="active ? 0 : -1"
      :style="{ '--level': row.level - 1 }" @focus="$emit('focused', row.item.id)">
      <form v-if="draft" class="writing" @submit.prevent="$emit('save')" @keydown.stop="onKey">
        <label class="visually-hidden" :for="'title-' + row.item.id">Title</label>
        <input :id="'title-' + row.item.id" ref="title" class="input" :value="draft.title" :maxlength="longest" required
          placeholder="Title" @input="$emit('typed', { ...draft, title: $event.target.value })">
        <label class="visually-hidden" :for="'detail-' + row.item.id">Description</label>
        <textarea :id="'detail-' + row.item.id" class="input" rows="2" :value="draft.detail" maxlength="5000"
          placeholder="Description" @input="$emit('typed', { ...draft, detail: $event.target.value })"></textarea>
        <div class="actions"><button type="submit" class="button small primary" title="Enter">Save</button>
          <button type="button" class="button small plain" title="Escape" @click="$emit('leave')">Cancel</button></div>
      </form>
      <template v-else>
        <button type="button" class="icon small fold" tabindex="-1" :aria-label="open ? 'Close' : 'Open'"
          :class="{ open, leaf: !row.item.children.length }" @click="$emit('toggle')"><Icon name="right"/></button>
        <input type="checkbox" class="tick" tabindex="-1" :checked="row.item.done" :aria-label="'Done: ' + row.item.title"
          @change="$emit('tick')">
        <div class="words" @click="$emit('write')">
          <p class="title">{{ row.item.title }}</p>
          <p v-if="shownDetail" class="detail">{{ shownDetail }}</p>
        </div>
        <span v-if="parts[1]" class="count">{{ parts[0] }}/{{ parts[1] }}</span>
        <button type="button" class="icon small" tabindex="-1" aria-haspopup="menu" aria-expanded="false"
          :aria-label="'Actions for ' + row.item.title" @click="$emit('menu', $event)"><Icon name="more"/></button>
      </template>
    </li>`,
  computed: {
    parts() {
      return progressOf(this.row.item);
    },
    /** A description that only repeats the title says nothing. */
    shownDetail() {
      const { title, detail } = this.row.item;
      return title.includes(detail.replace(/[.!?]+$/, "")) ? "" : detail;
    },
    name() {
      const { kind, title, done } = this.row.item;
      return `${kind}: ${title}${done ? ", done" : ""}`;
    },
  },
  watch: {
    draft: {
      immediate: true,
      flush: "post",
      handler(draft, before) {
        if (!draft || before) return;
        this.$nextTick(() => {
          this.$refs.title?.focus();
          this.$refs.title?.select();
        });
      },
    },
  },
  methods: {
    onKey(event) {
      if (event.key === "Escape") this.$emit("leave");
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.$emit("save");
    },
  },
};
