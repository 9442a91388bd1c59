// What each line of a scene is, for its look in the editor. The server's parser has the last word on what is stored;
// a test holds the two together on the sample screenplay.

const HEADING = /^(?:int|ext|est|int\.?\/ext|ext\.?\/int|i\/e)[. ]/i;
const EXTENSION = /\s*\([^()]*\)\s*$/;

const hasLetter = (text) => /\p{L}/u.test(text);
const isUpper = (text) => text === text.toUpperCase() && text !== text.toLowerCase();

function isCharacter(line) {
  const name = line.trim().replace(/\^$/, "").trimEnd();
  let bare = name;
  while (EXTENSION.test(bare)) bare = bare.replace(EXTENSION, "");
  return hasLetter(bare) && isUpper(bare);
}

function forced(line) {
  const text = line.trim();
  if (/^={3,}$/.test(text)) return "page_break";
  if (/^\.[^.]/.test(text)) return "scene_heading";
  if (text.startsWith("!")) return "action";
  if (text.startsWith("@")) return "character";
  if (text.startsWith("~")) return "lyrics";
  if (text.startsWith("#")) return "section";
  if (text.startsWith("=")) return "synopsis";
  if (/^>.*<$/.test(text)) return "centered";
  if (text.startsWith(">")) return "transition";
  if (/^\[\[.*\]\]$/.test(text)) return "note";
  return null;
}

/** Whether the line after a character cue makes it one: words, or the line that the caret waits on. */
function cueIsFollowed(lines, at, caret) {
  return at + 1 < lines.length && (lines[at + 1].trim() !== "" || at + 1 === caret);
}

function startOfBlock(lines, at, caret) {
  const line = lines[at].trim();
  if (HEADING.test(line)) return "scene_heading";
  const blankAfter = at + 1 >= lines.length || lines[at + 1].trim() === "";
  if (blankAfter && isUpper(line) && /TO:$/.test(line)) return "transition";
  if (isCharacter(line) && (cueIsFollowed(lines, at, caret) || at === caret)) return "character";
  return "action";
}

/** Walk over `lines` marking those inside a comment that spans lines. */
function boneyard(lines) {
  let open = false;
  return lines.map((line) => {
    const inside = open || line.trimStart().startsWith("/*");
    const lastOpen = line.lastIndexOf("/*");
    const lastClose = line.lastIndexOf("*/");
    if (lastOpen > lastClose) open = true;
    else if (lastClose >= 0) open = false;
    return inside;
  });
}

/**
 * Name the element of each line. `caret` is the line the writer is on: a name in capitals counts as a character cue
 * while its speech is still to be typed.
 */
export function classify(lines, caret = -1) {
  const hidden = boneyard(lines);
  const kinds = [];
  let speaking = false;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    let kind;
    if (hidden[at]) {
      kind = "boneyard";
    } else if (line === "" || (line.trim() === "" && !speaking)) {
      kind = "blank";
    } else if (speaking && !/^\s*[~]/.test(line)) {
      kind = /^\s*\(.*\)\s*$/.test(line) ? "parenthetical" : "dialogue";
    } else {
      const blankBefore = at === 0 || kinds[at - 1] === "blank" || kinds[at - 1] === "boneyard";
      kind = forced(line) ?? (blankBefore ? startOfBlock(lines, at, caret) : "action");
    }
    speaking = kind === "character" || (speaking && (kind === "dialogue" || kind === "parenthetical"));
    kinds.push(kind);
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
      return HEADING.test(heading) ? heading : `.${heading}`;
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
      return HEADING.test(text) || isCharacter(text) ? `!${text}` : text;
    default:
      return text.replace(/^\((.*)\)$/, "$1");
  }
}
