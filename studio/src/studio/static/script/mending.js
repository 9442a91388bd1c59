// What to do with a text that could not simply be saved: it was changed, or deleted, in another window.

import { call } from "/static/js/api.js";
import { toast } from "/static/js/toasts.js";
import { distribute } from "/static/script/lines.js";

const plainEnds = (text) => text.replace(/\r\n?/g, "\n");

/** Save the writer's version over the stored one, which can be had back. */
export async function keepMine(saver, show) {
  const { text: stored } = saver.stored;
  const mine = saver.text;
  await saver.resolve(mine);
  toast("Your version is kept.", { action: { label: "Take the stored one after all", run: () => swap(saver, stored, show) } });
}

/** Take the stored version; the writer's can be had back. */
export async function takeStored(saver, show) {
  const { text: stored } = saver.stored;
  const mine = saver.text;
  await saver.resolve(stored);
  show();
  toast("The stored version is shown.", { action: { label: "Take mine after all", run: () => swap(saver, mine, show) } });
}

function swap(saver, text, show) {
  saver.edit(text);
  show();
  saver.flush();
}

/** Keep the writer's version here and give the stored one a scene of its own after it. */
export async function keepBoth(store, id, saver) {
  const other = await store.addScene(id, saver.stored.text);
  await saver.resolve(saver.text);
  toast(`Both are kept: the stored version is the scene after this one.`);
  return other;
}

/** Bring back a scene that was deleted elsewhere, with the writer's words in it. */
export async function putBack(store, id, saver) {
  await store.restoreScene(id);
  const stored = await call("GET", `/api/scenes/${id}`);
  saver.stored = { base: stored.version, text: stored.text };
  await saver.resolve(saver.text);
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
