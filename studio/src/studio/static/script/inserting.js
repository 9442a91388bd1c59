// Putting text in at the caret as the browser would, so that it can be undone, in a time that suits its length.

const MANY = 60; // lines; the browser's own insertText takes quadratic time

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const block = (line) => `<div>${escaped(line) || "<br>"}</div>`;

function type(text) {
  if (text) document.execCommand("insertText", false, text);
}

/** Replace the selection by `text`, whose lines end in "\n". Empty text deletes the selection. */
export function insertPlain(text) {
  if (!text) {
    document.execCommand("delete");
    return;
  }
  const lines = text.split("\n");
  const first = lines.findIndex((line) => [...line].length > 1);
  const last = lines.findLastIndex((line) => line !== "");
  if (first < 0 || last - first < MANY) {
    type(text);
    return;
  }
  // Blocks go in exactly where words stand on both sides of the caret's first line and the last block has words.
  const [initial] = lines[first];
  type(lines.slice(0, first).map((line) => `${line}\n`).join("") + initial);
  const blocks = [lines[first].slice(initial.length), ...lines.slice(first + 1, last + 1)];
  document.execCommand("insertHTML", false, blocks.map(block).join(""));
  type(lines.slice(last + 1).map((line) => `\n${line}`).join(""));
}
