// What to do with a text that could not simply be saved: it was changed, or deleted, in another window.

import { Problem, call } from "/static/js/api.js";
import { complain, toast } from "/static/js/toasts.js";
import { distribute } from "/static/script/lines.js";

const plainEnds = (text) => text.replace(/\r\n?/g, "\n");

/** Tell that a text was changed from `from` to `to`, and let the writer have that step back. `show` shows the text. */
export function tell(saver, { message, undo, from, to }, show) {
  const run = () => step(saver, { from: to, to: from }, show);
  toast(message, { action: { label: undo, run } });
}

/** Make the step from one text to another in what the writer has by now. */
async function step(saver, { from, to }, show) {
  let text;
  try {
    text = await saver.stepped(from, to);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    complain(error);
    return;
  }
  if (text === null) {
    toast("Nothing was taken back: you have changed the same lines since.", { problem: true });
    return;
  }
  saver.edit(text);
  show();
  tell(saver, { message: "Taken back.", undo: "Redo", from, to }, show);
  saver.flush();
}

/** Where the caret at `offset` of the writer's text is after a merge: the changes of others have moved it. */
export function caretAfter(hunks, offset) {
  let before = 0;
  let after = 0;
  for (const { kind, mine, theirs } of hunks) {
    const taken = kind === "theirs" ? theirs : mine;
    if (offset < before + mine.length) return after + Math.min(offset - before, taken.length);
    before += mine.length;
    after += taken.length;
  }
  return after;
}

/** Bring back a scene that was deleted elsewhere, with the writer's words in it. */
export async function putBack(store, id, saver) {
  await store.restoreScene(id);
  const stored = await call("GET", `/api/scenes/${id}`);
  await saver.restart({ base: stored.version, text: stored.text });
  await store.load();
}

/**
 * A save has split a scene into several. Move the words typed since to the scene they belong to, and tell where the
 * caret at `offset` is now: {id, offset}.
 */
export async function followSplit(store, saver, sent, saved, offset) {
  const ids = [saved.id, ...saved.added.map((scene) => scene.id)];
  const parts = [saved.text, ...saved.added.map((scene) => scene.text)];
  const exact = parts.join("") === sent;
  const plain = exact ? (text) => text : plainEnds; // the server may have put in the script's own line ends
  const shares = distribute(plain(sent), plain(saver.text), parts.map(plain));
  if (!shares) {
    // The words changed across the border while the save was under way: they are sent again as one scene.
    saver.retext(saved.text, saver.text);
    for (const scene of saved.added) await store.deleteScene(scene.id);
    return { id: saved.id, offset };
  }
  saver.retext(saved.text, shares[0] === plain(parts[0]) ? parts[0] : shares[0]);
  let at = 0;
  let place = { id: saved.id, offset };
  for (const [index, share] of shares.entries()) {
    if (index > 0 && share !== plain(parts[index])) store.saverOf(ids[index]).edit(share);
    if (offset !== null && offset >= at) place = { id: ids[index], offset: offset - at };
    at += share.length;
  }
  return place;
}
