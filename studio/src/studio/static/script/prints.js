// A short print of a text, to know it again without keeping it.

/** 53 bits of the text, its line ends left aside: the server may store those of the script. */
export function printOf(text) {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const character of text.replace(/\r\n?/g, "\n")) {
    const code = character.codePointAt(0);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (0x1fffff & low) + (high >>> 0);
}
