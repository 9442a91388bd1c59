// Which words of an edited line are new, for marking them.

const TOO_MANY = 250_000; // pairs of words; beyond it nothing is marked

function commonTable(a, b) {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}

const wordsOf = (text) => text.split(/(\s+)/).filter((word) => word !== "");

/** `text` in pieces, those marked that `before` does not have: [{text, changed}]. */
export function marked(before, text) {
  const a = wordsOf(before);
  const b = wordsOf(text);
  if (!before || !text || a.length * b.length > TOO_MANY) return [{ text, changed: false }];
  const table = commonTable(a, b);
  const pieces = [];
  const add = (word, changed) => {
    const last = pieces.at(-1);
    if (last?.changed === changed) last.text += word;
    else pieces.push({ text: word, changed });
  };
  let i = 0;
  for (let j = 0; j < b.length; ) {
    if (i < a.length && a[i] === b[j]) {
      add(b[j], false);
      i += 1;
      j += 1;
    } else if (i < a.length && table[i + 1][j] >= table[i][j + 1]) i += 1;
    else {
      add(b[j], /\S/.test(b[j]));
      j += 1;
    }
  }
  return pieces;
}
