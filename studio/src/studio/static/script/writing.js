// The page being written: which element the caret is in, the paper, and the way to the neighbouring scenes.

import Icon from "/static/js/icons.js";
import { Editor } from "/static/script/editor.js";
import { ELEMENTS, nameOf } from "/static/script/fountain.js";
import { PlainEditor, isLong } from "/static/script/plain.js";
import { pages } from "/static/script/words.js";

export default {
  components: { Icon },
  props: {
    textId: { type: String, required: true },
    saver: { type: Object, required: true },
    label: { type: String, required: true },
    place: { type: String, required: true },
    previous: { type: Object, default: null },
    next: { type: Object, default: null },
  },
  emits: ["typed", "open", "left"],
  data: () => ({ kind: "action", length: "", long: false }),
  template: `
    <section class="writing" :aria-label="label">
      <div class="writing-bar" role="toolbar" aria-label="Element of this line">
        <span class="place">{{ place }}</span>
        <span class="element" v-if="!long"><label class="visually-hidden" for="line-element">Element</label>
          <select id="line-element" class="input" :value="known ? kind : ''" @change="setKind($event.target.value)">
            <option v-if="!known" value="" disabled>{{ nameOf(kind) }}</option>
            <option v-for="(element, at) in ELEMENTS" :key="element.kind" :value="element.kind"
              :title="'Ctrl+' + (at + 1)">{{ element.name }}</option>
          </select></span>
        <span class="length" :title="'Estimated length of this scene'">{{ length }}</span>
        <span class="steps">
          <button type="button" class="icon small" :disabled="!previous" aria-label="Previous scene"
            title="Previous scene (Alt+Page Up)" @click="go(previous)"><Icon name="up"/></button>
          <button type="button" class="icon small" :disabled="!next" aria-label="Next scene"
            title="Next scene (Alt+Page Down)" @click="go(next)"><Icon name="down"/></button>
        </span>
      </div>
      <div class="desk" @mousedown="onDesk">
        <div class="sheet" ref="sheet" @keydown="onKey" @focusout="$emit('left')"></div>
        <p v-if="next" class="next-scene"><button type="button" class="button plain" @click="go(next)">
          Next: <span>{{ next.slugline || "Untitled scene" }}</span></button></p>
      </div>
    </section>`,
  computed: {
    ELEMENTS: () => ELEMENTS,
    known() {
      return ELEMENTS.some((element) => element.kind === this.kind);
    },
  },
  watch: {
    textId: "show",
    label(label) {
      this.$refs.sheet.firstElementChild?.setAttribute("aria-label", label);
    },
  },
  mounted() {
    this.show();
  },
  beforeUnmount() {
    this.editor?.destroy();
  },
  methods: {
    nameOf,
    /** Show the text of the saver afresh, the caret at `selection` when given; without an `id` it is the same text. */
    show(id = null, _before = null, selection = null) {
      const desk = this.$refs.sheet.closest(".desk");
      const top = id === null ? desk.scrollTop : 0;
      this.editor?.destroy();
      this.long = isLong(this.saver.text);
      const Kind = this.long ? PlainEditor : Editor;
      this.editor = new Kind(this.$refs.sheet, {
        label: this.label,
        onInput: () => this.onInput(),
        onCaret: (kind) => (this.kind = kind),
      });
      this.editor.load(this.saver.text);
      this.measure(this.saver.text);
      desk.scrollTop = top;
      if (selection) this.editor.focus(selection.start, selection.end);
    },
    /** Where the caret is, or null when the hands are elsewhere. */
    caret() {
      return this.editor?.focused ? this.editor.selection : null;
    },
    /** Whether an input method is in the midst of a word. */
    composing() {
      return Boolean(this.editor?.composing);
    },
    onInput() {
      const { text } = this.editor;
      this.measure(text);
      this.$emit("typed", text);
    },
    measure(text) {
      this.length = this.long ? "" : pages(text); // counting megabytes at each key would be felt
    },
    setKind(kind) {
      this.editor.focus();
      this.editor.setKind(kind);
    },
    go(scene) {
      if (scene) this.$emit("open", scene.id);
    },
    onDesk(event) {
      // A click beside or below the words means the words.
      if (!event.target.matches(".desk, .sheet")) return;
      event.preventDefault();
      const below = event.clientY > this.$refs.sheet.firstElementChild.getBoundingClientRect().bottom - 8;
      if (below) this.editor.focus(Number.MAX_SAFE_INTEGER);
      else this.editor.focus();
    },
    onKey(event) {
      const command = event.ctrlKey || event.metaKey;
      if (command && !event.altKey && /^[1-6]$/.test(event.key)) {
        event.preventDefault();
        this.setKind(ELEMENTS[Number(event.key) - 1].kind);
      }
    },
  },
};
