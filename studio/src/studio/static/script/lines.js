// A scene's text as the editor holds it: lines, each with its own line end, and a tail that is not shown.
//
// The empty lines between a scene and the next belong to the scene's text. Nobody wants to edit them, and a scene that
// lost them would swallow the heading after it, so they are set aside and put back.

const LINE = /([^\r\n]*)(\r\n|\r|\n|$)/y;
const TAIL = /[\r\n]+$/;

/** Split `text` into {lines: [{text, end}], tail}; joining them again gives the same text. */
export function take(text) {
  const tail = TAIL.exec(text)?.[0] ?? "";
  const body = text.slice(0, text.length - tail.length);
  const lines = [];
  LINE.lastIndex = 0;
  for (;;) {
    const [, words, end] = LINE.exec(body);
    lines.push({ text: words, end });
    if (!end) return { lines, tail };
  }
}

/** The line end that most of `text` uses. */
export function mainEnd(text) {
  const crlf = text.match(/\r\n/g)?.length ?? 0;
  const lf = (text.match(/\n/g)?.length ?? 0) - crlf;
  return crlf > lf ? "\r\n" : "\n";
}

/** `text` with the line end that most of `other` uses. */
export function withEndsOf(text, other) {
  return text.replace(/\r\n?|\n/g, mainEnd(other));
}

/**
 * Give each of `parts` (the texts that a save split `sent` into) its share of `current`, which the writer may have
 * changed since. Null when a change runs across the border of two parts, so that no share can be told.
 */
export function distribute(sent, current, parts) {
  if (parts.join("") !== sent) return null;
  const shorter = Math.min(sent.length, current.length);
  let head = 0;
  while (head < shorter && sent[head] === current[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && sent.at(-1 - tail) === current.at(-1 - tail)) tail += 1;

  const grown = current.length - sent.length;
  const shares = [];
  let border = 0;
  let from = 0;
  for (const part of parts) {
    border += part.length;
    const afterChange = border >= sent.length - tail;
    if (border > head && !afterChange) return null;
    const to = afterChange && border > head ? border + grown : border;
    shares.push(current.slice(from, to));
    from = to;
  }
  if (from < current.length) shares[shares.length - 1] += current.slice(from);
  return shares;
}
