// What was typed in the interview and not yet acknowledged by the server, kept in this browser.
//
// Each window keeps its own, so that two windows at one question cannot overwrite each other's. A draft with an `op` was
// sent: it is sent again with it until the server has answered.

import { randomId } from "/static/script/drafts.js";

const PREFIX = "studio.interview.";
const WINDOW = randomId();

// The browser gives the lock back when this window ends, however it ends: so another window, or this one after a reload,
// can tell that nobody types that draft any more.
navigator.locks?.request(PREFIX + WINDOW, () => new Promise(() => {}));

/** The drafts of one project's interview: {text, base, op} by question, and other texts by other names. */
export function openDrafts(project) {
  const drafts = new Map();
  const keyOf = (name, owner = WINDOW) => `${PREFIX}${owner}.${project}.${name}`;

  const get = (name) => drafts.get(name) ?? null;

  function keep(name, draft) {
    drafts.set(name, draft);
    try {
      localStorage.setItem(keyOf(name), JSON.stringify({ ...draft, at: Date.now() }));
    } catch {
      // No room: the text is still on the page.
    }
  }

  function forget(name) {
    drafts.delete(name);
    try {
      localStorage.removeItem(keyOf(name));
    } catch {
      // Storage that cannot be written to holds nothing to forget.
    }
  }

  /** Take over what windows that are gone have left, the newest of each name. */
  async function adopt() {
    const windows = new Set();
    if (navigator.locks) {
      const { held } = await navigator.locks.query();
      for (const { name } of held) windows.add(name);
    }
    for (const { key, name, draft } of stored(project).filter(({ owner }) => !windows.has(PREFIX + owner))) {
      if (!drafts.has(name)) keep(name, draft);
      localStorage.removeItem(key);
    }
  }

  return { get, keep, forget, adopt, names: () => [...drafts.keys()] };
}

function stored(project) {
  const found = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at);
      const [owner, of, ...name] = key.startsWith(PREFIX) ? key.slice(PREFIX.length).split(".") : [];
      if (of !== project) continue;
      try {
        found.push({ key, owner, name: name.join("."), draft: JSON.parse(localStorage.getItem(key)) });
      } catch {
        // Cut short: leave it where it is.
      }
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => b.draft.at - a.draft.at);
}
