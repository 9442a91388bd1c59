// Which lines of two versions of a text differ, for showing them side by side.

const TOO_MANY = 4_000_000; // cells of the comparison; beyond it every line between the common ends counts as changed

function commonTable(a, b) {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
    }
  }
  return table;
}

/** Compare two texts by line: [[{text, changed}], [{text, changed}]]. */
export function compare(one, other) {
  const a = one.split(/\r\n|\r|\n/);
  const b = other.split(/\r\n|\r|\n/);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  const room = Math.min(a.length, b.length) - head;
  while (tail < room && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;

  const left = a.map((text, at) => ({ text, changed: at >= head && at < a.length - tail }));
  const right = b.map((text, at) => ({ text, changed: at >= head && at < b.length - tail }));
  const middleA = a.slice(head, a.length - tail);
  const middleB = b.slice(head, b.length - tail);
  if (middleA.length * middleB.length > TOO_MANY) return [left, right];

  const table = commonTable(middleA, middleB);
  for (let i = 0, j = 0; i < middleA.length && j < middleB.length; ) {
    if (middleA[i] === middleB[j]) {
      left[head + i].changed = false;
      right[head + j].changed = false;
      i += 1;
      j += 1;
    } else if (table[i + 1][j] >= table[i][j + 1]) i += 1;
    else j += 1;
  }
  return [left, right];
}
