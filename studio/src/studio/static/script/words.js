// Reading a scene's words for people: excerpts, lengths, search.

const START = 4000; // characters that an excerpt is taken from
const WORDS_PER_PAGE = 180; // a screenplay page, by common reckoning about a minute of film

/** What to tell about a scene in a line or two: its summary, its synopsis, or its first words. */
export function excerpt(scene) {
  if (scene.summary) return scene.summary.text;
  const start = scene.text.slice(0, START);
  return synopsis(start) || firstWords(start, 160);
}

function synopsis(text) {
  return /^=[ \t]*([^=\s].*)$/m.exec(text)?.[1] ?? "";
}

/** The start of what follows the heading in `text`, on one line. */
export function firstWords(text, length) {
  return plainWords(text.replace(/^\s*[^\r\n]*(\r\n|\r|\n)?/, ""), length);
}

/** The start of `text` on one line, without Fountain's own signs. */
function plainWords(text, length) {
  const words = text
    .replace(/\[\[.*?\]\]|\/\*.*?\*\//gs, "")
    .replace(/^[ \t]*(?:=.*|#+|[!@~>.](?!\.))/gm, "")
    .replace(/\*+|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "")
    .replace(/\s+/g, " ")
    .trim();
  return words.length > length ? `${words.slice(0, length).trimEnd()}…` : words;
}

/** Whether every word of `query` is somewhere in the scene, its summary or its number. */
export function matches(scene, query) {
  const where = `${scene.scene_number ?? ""} ${scene.slugline} ${scene.text} ${scene.summary?.text ?? ""}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => where.includes(word));
}

export function countWords(text) {
  return text.match(/\S+/g)?.length ?? 0;
}

/** The length of a text in pages, in the eighths that film schedules count. */
export function pages(text) {
  const eighths = Math.max(1, Math.round((countWords(text) / WORDS_PER_PAGE) * 8));
  const whole = Math.floor(eighths / 8);
  const rest = eighths % 8 ? `${eighths % 8}/8` : "";
  const words = [whole || "", rest].filter(Boolean).join(" ");
  return `${words} ${eighths > 8 ? "pages" : "page"}`;
}

/** The title that a title page gives, or its first words. */
export function titleLine(preamble) {
  const title = /^title:[ \t]*(.*(?:(?:\r\n|\r|\n)[ \t]+.*)*)/im.exec(preamble)?.[1] ?? preamble;
  return plainWords(title, 60);
}
