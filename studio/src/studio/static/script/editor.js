// The writing surface: one <div> per line in a contenteditable, which the browser edits, undoes and composes natively.
//
// The only thing this module changes while someone types is the class of a line (what element it is), never its nodes,
// so caret, selection, undo and input methods stay the browser's own. When the browser joins two lines it wraps words
// in <span style>; the style sheet makes those look like nothing, and reading the text back does not see them.

import { classify, lineAs } from "/static/script/fountain.js";
import { mainEnd, take } from "/static/script/lines.js";
import { forgetInk, ink } from "/static/script/emphasis.js";
import { insertPlain } from "/static/script/inserting.js";

const MARKERS = { formatBold: "**", formatItalic: "*", formatUnderline: "_" };

/** The lines in `node`, blocks inside blocks included. */
function linesIn(node) {
  const lines = [];
  let open = false; // whether words beside blocks still belong to the last line
  for (const child of node.childNodes) {
    if (child.nodeName === "DIV") lines.push(...linesIn(child));
    else if (open) lines[lines.length - 1] += child.textContent;
    else lines.push(child.textContent);
    open = child.nodeName !== "DIV";
  }
  return lines.length ? lines : [""];
}

export class Editor {
  #root = null;
  #tail = "";
  #end = "\n";
  #busy = false;
  #caretLine = -1;
  composing = false;
  #abort = new AbortController();

  /** Write into `host`. `onInput()` follows each change, `onCaret(kind)` each move to another element. */
  constructor(host, { label, onInput, onCaret }) {
    this.host = host;
    this.label = label;
    this.onInput = onInput;
    this.onCaret = onCaret;
    const { signal } = this.#abort;
    document.addEventListener("selectionchange", () => this.#followCaret(), { signal });
  }

  /** Show `text`. A new surface each time: the browser's undo must not reach back into another scene. */
  load(text) {
    const { lines, tail } = take(text);
    this.#tail = tail;
    this.#end = mainEnd(text);
    this.#caretLine = -1;
    forgetInk();
    const root = document.createElement("div");
    root.className = "surface";
    root.contentEditable = "true";
    root.spellcheck = true;
    root.setAttribute("role", "textbox");
    root.setAttribute("aria-multiline", "true");
    root.setAttribute("aria-label", this.label);
    for (const { text: words, end } of lines) root.append(this.#newLine(words, end));
    this.#listen(root);
    this.host.replaceChildren(root);
    this.#root = root;
    this.#dress();
  }

  destroy() {
    this.#abort.abort();
    forgetInk();
    this.host.replaceChildren();
  }

  #newLine(words, end) {
    const line = document.createElement("div");
    line.append(words === "" ? document.createElement("br") : words);
    if (end && end !== this.#end) line.dataset.end = end;
    return line;
  }

  #listen(root) {
    root.addEventListener("beforeinput", (event) => this.#beforeInput(event));
    root.addEventListener("input", (event) => this.#changed(event.isComposing));
    root.addEventListener("compositionstart", () => (this.composing = true));
    root.addEventListener("compositionend", () => {
      this.composing = false;
      this.#changed(false);
    });
    root.addEventListener("paste", (event) => this.#insertFrom(event, event.clipboardData));
    root.addEventListener("copy", (event) => this.#copy(event));
    root.addEventListener("cut", (event) => this.#copy(event) && document.execCommand("delete"));
    root.addEventListener("dragstart", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => this.#drop(event));
  }

  // Reading

  #lines() {
    return [...this.#root.children].filter((node) => node.nodeName === "DIV");
  }

  #endOf(line) {
    return line.dataset.end ?? this.#end;
  }

  get #body() {
    const lines = this.#lines();
    return lines
      .map((line, at) => line.textContent + (at < lines.length - 1 ? this.#endOf(line) : ""))
      .join("");
  }

  /** The scene's exact text. */
  get text() {
    return this.#body + this.#tail;
  }

  get focused() {
    return document.activeElement === this.#root;
  }

  // Caret, as offsets into the text

  #offsetOf(node, offset) {
    const lines = this.#lines();
    let at = 0;
    for (const [index, line] of lines.entries()) {
      if (line === node || line.contains(node)) {
        const range = document.createRange();
        range.setStart(line, 0);
        range.setEnd(node, offset);
        return at + range.toString().length;
      }
      // A caret between lines, as after "select all", names the root and a child's number.
      if (node === this.#root && index === offset) return at;
      at += line.textContent.length + (index < lines.length - 1 ? this.#endOf(line).length : 0);
    }
    return at;
  }

  /** {start, end} of the selection, or null when it is elsewhere. */
  get selection() {
    const selection = getSelection();
    if (!selection.rangeCount || !this.#root?.contains(selection.anchorNode)) return null;
    const range = selection.getRangeAt(0);
    return {
      start: this.#offsetOf(range.startContainer, range.startOffset),
      end: this.#offsetOf(range.endContainer, range.endOffset),
    };
  }

  #pointAt(offset) {
    let left = offset;
    const lines = this.#lines();
    for (const line of lines) {
      const length = line.textContent.length;
      if (left <= length || line === lines.at(-1)) return this.#pointIn(line, Math.min(left, length));
      left = Math.max(0, left - length - this.#endOf(line).length);
    }
    return [this.#root, 0];
  }

  #pointIn(line, column) {
    const words = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    let left = column;
    let node = words.nextNode();
    if (!node) return [line, 0];
    while (left > node.length) {
      const next = words.nextNode();
      if (!next) return [node, node.length];
      left -= node.length;
      node = next;
    }
    return [node, left];
  }

  /** Focus, with the selection where it was or at `start` to `end`. */
  focus(start = null, end = start) {
    this.#root.focus({ preventScroll: start === null });
    if (start === null) return;
    getSelection().setBaseAndExtent(...this.#pointAt(start), ...this.#pointAt(end));
    const line = this.#lineAtCaret();
    line?.scrollIntoView({ block: "nearest" });
  }

  #lineAtCaret() {
    const node = getSelection().focusNode;
    if (!node || !this.#root?.contains(node)) return null;
    return this.#lines().find((line) => line.contains(node)) ?? null;
  }

  #followCaret() {
    const line = this.#lineAtCaret();
    if (!line) return;
    const at = this.#lines().indexOf(line);
    if (at !== this.#caretLine) this.#dress();
    this.onCaret(line.dataset.kind ?? "action");
  }

  // Looks

  #dress({ typing = false } = {}) {
    const lines = this.#lines();
    const caret = this.#lineAtCaret();
    this.#caretLine = caret ? lines.indexOf(caret) : -1;
    const kinds = classify(
      lines.map((line) => line.textContent),
      typing ? this.#caretLine : -1,
    );
    for (const [at, line] of lines.entries()) {
      if (line.dataset.kind !== kinds[at]) line.dataset.kind = kinds[at];
      ink(line);
    }
    const empty = lines.length === 1 && lines[0].textContent === "";
    if (empty !== this.#root.hasAttribute("data-empty")) this.#root.toggleAttribute("data-empty", empty);
  }

  // Changing

  #changed(composing) {
    if (this.#busy) return;
    this.#mend();
    if (!composing) {
      this.#dress({ typing: true });
      this.#followCaret();
    }
    this.onInput();
  }

  /** Whatever a browser or an extension does to the surface, it is made of lines again before it is read. */
  #mend() {
    if (!this.#root.firstChild) this.#root.append(this.#newLine("", ""));
    // Words outside any line, as after "select all, delete, type", become a line, undoably.
    if ([...this.#root.childNodes].some((node) => node.nodeName !== "DIV")) {
      this.#quietly(() => document.execCommand("formatBlock", false, "div"));
    }
    if (this.#root.querySelector(":scope > div div")) this.#rewrite(linesIn(this.#root).join(this.#end));
  }

  /** Show `body` instead, at the cost of the undo history. */
  #rewrite(body) {
    const caret = this.selection?.start ?? 0;
    const tail = this.#tail;
    this.load(body);
    this.#tail += tail;
    this.focus(Math.min(caret, body.length));
  }

  #quietly(work) {
    this.#busy = true;
    try {
      work();
    } finally {
      this.#busy = false;
    }
  }

  #insert(text) {
    const plain = text.replace(/\r\n?/g, "\n");
    if (!this.selection) return;
    const { start, end } = this.selection;
    const before = this.#body;
    this.#quietly(() => insertPlain(plain));
    const wanted = before.slice(0, start) + plain.replaceAll("\n", this.#end) + before.slice(end);
    if (this.#body.replaceAll(this.#end, "\n") !== wanted.replaceAll(this.#end, "\n")) {
      this.#rewrite(wanted);
      this.focus(start + plain.replaceAll("\n", this.#end).length);
    }
    this.#changed(false);
  }

  #beforeInput(event) {
    const type = event.inputType;
    if (type === "insertLineBreak") {
      event.preventDefault();
      document.execCommand("insertParagraph");
    } else if (MARKERS[type]) {
      event.preventDefault();
      this.#surround(MARKERS[type]);
    } else if (/^format|^insert(?:OrderedList|UnorderedList|HorizontalRule|Link|FromDrop)$/.test(type)) {
      event.preventDefault();
    } else if (type.startsWith("deleteContent") && this.#root.hasAttribute("data-empty")) {
      event.preventDefault(); // or the browser removes the last line, and typing has none to go to
    }
  }

  #surround(marker) {
    const words = getSelection().toString();
    if (words.includes("\n")) return;
    this.#insert(marker + words + marker);
    if (!words) for (const _ of marker) getSelection().modify("move", "backward", "character");
  }

  #insertFrom(event, data) {
    event.preventDefault();
    const text = data?.getData("text/plain") ?? "";
    if (text) this.#insert(text);
  }

  #drop(event) {
    const point = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (event.dataTransfer.types.includes("Files")) return;
    if (point) getSelection().collapse(point.offsetNode, point.offset);
    this.#insertFrom(event, event.dataTransfer);
  }

  #copy(event) {
    const selection = this.selection;
    if (!selection || selection.start === selection.end) return false;
    event.preventDefault();
    event.clipboardData.setData("text/plain", this.#body.slice(selection.start, selection.end));
    return true;
  }

  /** Rewrite the caret's line so that it reads as `kind`; undoable like typing. */
  setKind(kind) {
    const line = this.#lineAtCaret();
    if (!line) return;
    const words = lineAs(line.textContent, kind);
    if (words !== line.textContent) {
      getSelection().selectAllChildren(line);
      this.#insert(words);
    }
    getSelection().modify("move", "forward", "lineboundary");
  }
}
