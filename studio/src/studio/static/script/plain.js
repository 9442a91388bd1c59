// A plain <textarea> with the editor's face, for a scene so long that one element per line would be slow.

import { mainEnd, take } from "/static/script/lines.js";

const LONG_TEXT = 300_000;
const LONG_LINES = 4000;

/** Whether `text` is better written in a plain text area. */
export function isLong(text) {
  if (text.length > LONG_TEXT) return true;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines += 1;
  return lines > LONG_LINES;
}

export class PlainEditor {
  #area = null;
  #tail = "";
  #end = "\n";

  constructor(host, { label, onInput, onCaret }) {
    this.host = host;
    this.label = label;
    this.onInput = onInput;
    onCaret("action");
  }

  load(text) {
    const { tail } = take(text);
    this.#tail = tail;
    this.#end = mainEnd(text);
    const area = document.createElement("textarea");
    area.className = "surface long";
    area.setAttribute("aria-label", this.label);
    area.value = text.slice(0, text.length - tail.length);
    area.addEventListener("input", () => this.onInput());
    this.host.replaceChildren(area);
    this.#area = area;
  }

  destroy() {
    this.host.replaceChildren();
  }

  get text() {
    return this.#area.value.replaceAll("\n", this.#end) + this.#tail;
  }

  get focused() {
    return document.activeElement === this.#area;
  }

  get selection() {
    return { start: this.#area.selectionStart, end: this.#area.selectionEnd };
  }

  focus(start = null, end = start) {
    this.#area.focus();
    if (start !== null) this.#area.setSelectionRange(start, end);
  }

  setKind() {
    // Element styles are for the page look, which a plain area does not have.
  }
}
