// What each line of a scene is, for its look in the editor: the rules of `studio.screenplay`, line by line. The parser
// has the last word on what is stored; a test holds the two together on the sample and on random texts.

const HEADING = /^(?:INT|EXT|EST|INT\.?\/EXT|EXT\.?\/INT|I\/E|E\/I)[. \t]/i;
const CUE = /^([^()]*)(?:\([^()]*\)\s*)*$/;
const OPENER = /\/\*|\[\[/g;
const EMPTY_LINE = /\n[^\S\n]?(?=\n)/g;
const CONTINUE_SPEECH = new Set(["character", "parenthetical", "dialogue"]);
const STAND_ALONE = new Set(["blank", "section", "synopsis", "page_break", "transition", "centered"]);

const isUpper = (text) => text === text.toUpperCase() && text !== text.toLowerCase();
const isHeading = (bare) => (bare.startsWith(".") ? /^\.[\p{L}\p{N}]/u.test(bare) : HEADING.test(bare));
const isPageBreak = (bare) => /^={3,}$/.test(bare);

function isCue(bare) {
  const cue = bare.replace(/\^$/, "").trimEnd();
  return isUpper(CUE.exec(cue)?.[1] ?? cue);
}

// Notes and comments, which may run over several lines

/** Find the next `needle` at or after positions that only grow, searching no part of the text twice. */
function ahead(find) {
  let at = -1;
  return (position) => {
    if (at < position) {
      const found = find(position);
      at = found < 0 ? Infinity : found;
    }
    return at;
  };
}

function searchFrom(pattern, text) {
  return (position) => {
    pattern.lastIndex = position;
    return pattern.exec(text)?.index ?? -1;
  };
}

/** The stretches of `text` that do not print: [{start, end, kind}]. What is never closed is plain text. */
function concealed(text) {
  const spans = [];
  const ends = {
    boneyard: ahead((at) => text.indexOf("*/", at)),
    note: ahead((at) => text.indexOf("]]", at)),
  };
  const emptyLine = ahead(searchFrom(EMPTY_LINE, text));
  const opener = searchFrom(OPENER, text);
  for (let start = opener(0); start >= 0; ) {
    let at = start + 2;
    const kind = text[start] === "/" ? "boneyard" : "note";
    const end = ends[kind](at);
    if (end !== Infinity && !(kind === "note" && emptyLine(at) < end)) {
      at = end + 2;
      spans.push({ start, end: at, kind });
    }
    start = opener(at);
  }
  return spans;
}

/** Lines as a reader sees them, a note not ending its line: {count, visible, conceals}, `count` lines of the text. */
function readable(lines) {
  const text = lines.join("\n");
  const spans = concealed(text);
  const seen = [];
  let next = 0;
  let open = null; // the reader's line that is not complete yet
  let from = 0;
  for (const line of lines) {
    const to = from + line.length;
    open ??= { count: 0, visible: "", conceals: null, at: from };
    open.count += 1;
    for (; next < spans.length && spans[next].start <= to; next += 1) {
      open.conceals ??= spans[next].kind;
      open.visible += text.slice(open.at, spans[next].start);
      open.at = spans[next].end;
    }
    from = to + 1;
    if (open.at > to) continue;
    open.visible += text.slice(open.at, to);
    seen.push(open);
    open = null;
  }
  if (open) seen.push(open);
  return seen;
}

// Elements

function nothingVisible(line, speaking) {
  if (line.conceals) return line.conceals;
  // Two spaces on an otherwise empty line keep a speech going.
  return speaking && line.visible.length >= 2 ? "dialogue" : "blank";
}

function forced(bare) {
  if (bare[0] === "#") return "section";
  if (bare[0] === "=" && !bare.startsWith("==")) return "synopsis";
  if (bare.length === 1) return null;
  if (bare[0] === "@") return "character";
  if (bare[0] === ">") return bare.endsWith("<") ? "centered" : "transition";
  return null;
}

function afterGap(line, bare, following) {
  if (isHeading(bare)) return "scene_heading";
  if (line.visible.endsWith("TO:") && isUpper(bare)) return "transition";
  const spoken = following && (following.conceals || following.visible.trim() || following.awaited);
  return (spoken || line.awaited) && isCue(bare) ? "character" : "action";
}

function kindOf(line, following, apart, speaking) {
  const bare = line.visible.trim();
  if (!bare) return nothingVisible(line, speaking);
  if (bare[0] === "!") return "action";
  if (bare[0] === "~") return "lyrics";
  if (isPageBreak(bare)) return "page_break";
  if (speaking) return bare.startsWith("(") && bare.endsWith(")") ? "parenthetical" : "dialogue";
  return forced(bare) ?? (apart ? afterGap(line, bare, following) : "action");
}

/**
 * Name the element of each line. `typing` is the line that is being typed: a name in capitals counts as a character
 * cue while its speech is still to come.
 */
export function classify(lines, typing = -1) {
  const seen = readable(lines);
  const kinds = [];
  let apart = true;
  let speaking = false;
  let at = 0;
  for (const line of seen) {
    line.awaited = at <= typing && typing < at + line.count;
    at += line.count;
  }
  for (const [index, line] of seen.entries()) {
    const kind = kindOf(line, seen[index + 1], apart, speaking);
    for (let count = 0; count < line.count; count += 1) kinds.push(kind);
    if (kind === "boneyard") {
      apart ||= !speaking;
    } else if (kind === "lyrics") {
      apart = false;
    } else if (kind !== "note") {
      apart = STAND_ALONE.has(kind);
      speaking = CONTINUE_SPEECH.has(kind);
    }
  }
  return kinds;
}

/** What the elements are called in the editor, in the order of its keys 1 to 6. */
export const ELEMENTS = [
  { kind: "scene_heading", name: "Scene heading" },
  { kind: "action", name: "Action" },
  { kind: "character", name: "Character" },
  { kind: "parenthetical", name: "Parenthetical" },
  { kind: "dialogue", name: "Dialogue" },
  { kind: "transition", name: "Transition" },
];

const NAMES = {
  lyrics: "Lyrics",
  section: "Section",
  synopsis: "Synopsis",
  centered: "Centred",
  note: "Note",
  boneyard: "Comment",
  page_break: "Page break",
  blank: "Blank line",
};

/** The name of a kind, for people. */
export function nameOf(kind) {
  return ELEMENTS.find((element) => element.kind === kind)?.name ?? NAMES[kind] ?? "";
}

function bare(line) {
  return line
    .trim()
    .replace(/^[.!@>~](?!\.)/, "")
    .trim();
}

/** The line written so that it reads as `kind`. */
export function lineAs(line, kind) {
  const text = bare(line);
  switch (kind) {
    case "scene_heading": {
      const heading = text.toUpperCase();
      return isHeading(heading) ? heading : `.${heading}`;
    }
    case "character":
      return text.replace(/^\((.*)\)$/, "$1").toUpperCase();
    case "parenthetical":
      return /^\(.*\)$/.test(text) ? text : `(${text})`;
    case "transition": {
      const cut = text.toUpperCase();
      return /TO:$/.test(cut) ? cut : `> ${cut}`;
    }
    case "action":
      return isHeading(text) || isCue(text) ? `!${text}` : text;
    default:
      return text.replace(/^\((.*)\)$/, "$1");
  }
}
