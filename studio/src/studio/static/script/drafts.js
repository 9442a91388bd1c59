// What was typed and not yet acknowledged by the server, kept in this browser.
//
// A draft is written on each keystroke and removed when the server has said that it holds exactly that text. Each
// window writes its own, so that two windows on one scene cannot overwrite each other's.

const PREFIX = "studio.draft.";

/** A name that no other window and no other save has; `crypto.randomUUID` is missing on plain http. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const WINDOW = randomId();

// The browser gives the lock back when this window ends, however it ends: that is how another window can tell an
// orphaned draft from one that is being typed right now.
navigator.locks?.request(PREFIX + WINDOW, () => new Promise(() => {}));

const keyOf = (id) => `${PREFIX}${WINDOW}.${id}`;

/**
 * Keep `draft`: {id, project, name, text, base, baseText, pending}, where `baseText` is the text of the version `base`
 * and `pending` the save that was sent. False when this browser has no room for it.
 */
export function keep(draft) {
  // Without the text it began with, a draft can still be saved; only a conflict would then show all differences.
  return write(draft) || write({ ...draft, baseText: null });
}

function write(draft) {
  const { pending, text } = draft;
  const lean = pending?.text === text ? { ...draft, pending: { op: pending.op } } : draft;
  try {
    localStorage.setItem(keyOf(draft.id), JSON.stringify({ ...lean, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

function read(key) {
  const draft = JSON.parse(localStorage.getItem(key));
  if (draft.pending) draft.pending = { text: draft.text, ...draft.pending };
  return { ...draft, key };
}

/** Forget this window's draft of the text `id`. */
export function forget(id) {
  try {
    localStorage.removeItem(keyOf(id));
  } catch {
    // Storage that cannot be written to holds nothing to forget.
  }
}

/** Forget a draft that `orphans` returned. */
export function forgetOrphan(draft) {
  try {
    localStorage.removeItem(draft.key);
  } catch {
    // As above.
  }
}

async function openWindows() {
  // Without locks (plain http on another address) every foreign draft counts as orphaned. Saving it is safe all the
  // same: the server compares versions, and a clash is shown to the writer.
  if (!navigator.locks) return new Set();
  const { held } = await navigator.locks.query();
  return new Set(held.map((lock) => lock.name).filter((name) => name.startsWith(PREFIX)));
}

function stored() {
  const drafts = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at);
      if (!key.startsWith(PREFIX)) continue;
      try {
        drafts.push(read(key));
      } catch {
        // Not ours, or cut short: leave it where it is.
      }
    }
  } catch {
    return [];
  }
  return drafts.sort((a, b) => a.at - b.at);
}

/** Drafts that no open window is typing, oldest first; only of `project` when given. */
export async function orphans(project = null) {
  const windows = await openWindows();
  return stored().filter((draft) => {
    const owner = draft.key.slice(0, draft.key.indexOf(".", PREFIX.length));
    return !windows.has(owner) && (project === null || draft.project === project);
  });
}
