// Colours inside a line (notes, *emphasis*) by the CSS Custom Highlight API, which paints ranges and adds no nodes.

const MARKS = [
  ["fountain-note", /\[\[.*?\]\]/g],
  ["fountain-strong", /(?<![\\*])\*{2,3}(?=\S).+?(?<=\S)\*{2,3}/g],
  ["fountain-soft", /(?<![\\*])\*(?=[^\s*]).*?(?<=[^\s*])\*(?!\*)/g],
  ["fountain-line", /(?<!\\)_(?=\S)[^_]+(?<=\S)_/g],
];

const inked = new Map();
const known = new WeakMap();

function paint(name) {
  if (!inked.has(name)) {
    inked.set(name, new Highlight());
    CSS.highlights.set(name, inked.get(name));
  }
  return inked.get(name);
}

function clear(line) {
  for (const { name, range } of known.get(line)?.ranges ?? []) inked.get(name)?.delete(range);
}

function rangeIn(line, start, end) {
  const words = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let at = 0;
  let started = false;
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    if (!started && start <= at + node.length) {
      range.setStart(node, start - at);
      started = true;
    }
    if (started && end <= at + node.length) {
      range.setEnd(node, end - at);
      return range;
    }
    at += node.length;
  }
  return range;
}

/** Colour what is marked inside `line`, if it changed since the last time. */
export function ink(line) {
  if (!globalThis.Highlight) return;
  const text = line.textContent;
  if (known.get(line)?.text === text) return;
  clear(line);
  const ranges = [];
  if (/[[*_]/.test(text)) {
    for (const [name, pattern] of MARKS) {
      for (const match of text.matchAll(pattern)) {
        const range = rangeIn(line, match.index, match.index + match[0].length);
        paint(name).add(range);
        ranges.push({ name, range });
      }
    }
  }
  known.set(line, { text, ranges });
}

/** Take every colour away, as when another scene is shown. */
export function forgetInk() {
  for (const highlight of inked.values()) highlight.clear();
}
