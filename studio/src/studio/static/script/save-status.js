// Whether what was typed is safe, in one word or two, always at the same place.

const WORDS = {
  saved: "Saved",
  changed: "Saving…",
  saving: "Saving…",
  retrying: "Not saved, retrying",
  merging: "Merging…",
  conflict: "Conflict",
  gone: "Deleted elsewhere",
  refused: "Not saved",
};

export default {
  props: { saving: { type: Object, default: null } },
  emits: ["act"],
  template: `
    <span class="save-status" :class="state">
      <span class="dot" aria-hidden="true"></span>
      <span role="status" class="words" :title="title">{{ words }}</span>
      <a v-if="saving?.status === 401" class="button small" href="/login" target="_blank">Log in</a>
      <button v-else-if="act" type="button" class="button small" @click="$emit('act', state)">{{ act }}</button>
    </span>`,
  computed: {
    state() {
      return this.saving?.state ?? "saved";
    },
    words() {
      return WORDS[this.state];
    },
    act() {
      return { retrying: "Try now", conflict: "Compare" }[this.state] ?? "";
    },
    title() {
      return this.saving?.message || "Saved as you type; a copy stays in this browser until it is stored.";
    },
  },
};
