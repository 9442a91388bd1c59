// The script that the page shows, and everything that can be done to it over the REST API.

import { markRaw, reactive } from "vue";
import { Problem, call } from "/static/js/api.js";
import * as drafts from "/static/script/drafts.js";
import { Saver } from "/static/script/saving.js";

export const TITLE_PAGE = "title-page";

const lean = ({ blocks, ...scene }) => scene;

class PreambleSaver extends Saver {
  storedIn(body) {
    return { base: body.preamble, text: body.preamble };
  }
}

const combine = (texts) => call("POST", "/api/merge", { json: texts, seconds: 60 });

/**
 * Make the store of one project's script. `hooks` hears onSplit(saver, sent, saved), onMerged(id, saver, merge) when two
 * edits were put together, and onRenewed(ids) when texts follow the server; rest(id) resolves when nobody types there.
 */
export function openStore(projectId, hooks) {
  const state = reactive({ id: "", title: "", preamble: "", scenes: [], saving: {}, loaded: false });
  const savers = new Map();
  let writes = 0;
  const docId = (id) => (id === TITLE_PAGE ? `preamble-${state.id}` : id);

  const sceneOf = (id) => state.scenes.find((scene) => scene.id === id);
  const indexOf = (id) => state.scenes.findIndex((scene) => scene.id === id);

  // Reading

  /** Read the script again. Returns the ids of the texts that changed on the server. */
  async function load() {
    let before;
    let script;
    do {
      // An answer from before our own last write would take it back on the page.
      before = writes;
      script = await call("GET", `/api/projects/${projectId}/script`);
    } while (before !== writes);
    const known = new Map(state.scenes.map((scene) => [scene.id, scene]));
    Object.assign(state, { id: script.id, title: script.project_title });
    const scenes = script.scenes.map((scene) => Object.assign(known.get(scene.id) ?? {}, lean(scene)));
    state.scenes = scenes;
    state.preamble = script.preamble;
    state.loaded = true;
    // A text that is still being saved stays as typed; the others follow the server.
    const renewed = scenes.filter(({ id, version, text }) => savers.get(id)?.renew(version, text));
    if (savers.get(TITLE_PAGE)?.renew(script.preamble, script.preamble)) renewed.push({ id: TITLE_PAGE });
    return new Set(renewed.map((scene) => scene.id));
  }

  // Saving

  function watch(id, saver) {
    const reflect = () => {
      const now = { state: saver.state, message: saver.message, status: saver.status };
      if (JSON.stringify(now) !== JSON.stringify(state.saving[id])) state.saving[id] = now;
    };
    saver.addEventListener("state", reflect);
    saver.addEventListener("merged", ({ detail }) => hooks.onMerged(id, saver, detail));
    saver.rest = () => hooks.rest(id);
    reflect();
    savers.set(id, markRaw(saver));
    return saver;
  }

  function saverOf(id) {
    if (savers.has(id)) return savers.get(id);
    if (id === TITLE_PAGE) return watch(id, titlePageSaver());
    const scene = sceneOf(id);
    const doc = { id, project: projectId, name: scene.slugline || state.title, text: scene.text, base: scene.version };
    const saver = new Saver(doc, { submit: (save, options) => submitScene(id, save, options), combine });
    saver.addEventListener("accepted", ({ detail }) => acceptScene(saver, detail));
    return watch(id, saver);
  }

  async function write(method, path, options) {
    try {
      return await call(method, path, options);
    } finally {
      writes += 1;
    }
  }

  async function submitScene(id, { base, op, text }, options) {
    const saved = await write("PATCH", `/api/scenes/${id}`, {
      json: { base_version: base, op_id: op, text },
      seconds: 20,
      ...options,
    });
    return { base: saved.version, text: saved.text, saved };
  }

  function acceptScene(saver, { sent, answer: { saved } }) {
    const scene = sceneOf(saver.doc.id);
    if (!scene) return;
    const { added, ...stored } = lean(saved);
    // The first answer to a save that was sent again may be older than what is known by now.
    if (stored.version >= scene.version) Object.assign(scene, stored);
    saver.doc.name = scene.slugline || state.title;
    if (added?.length) split(saver, sent, saved);
    if (scene.summary) refreshSummary(scene.id);
  }

  function split(saver, sent, saved) {
    const at = indexOf(saved.id);
    const news = saved.added.filter((scene) => !sceneOf(scene.id));
    state.scenes.splice(at + 1, 0, ...news.map((scene) => ({ summary: null, ...lean(scene) })));
    hooks.onSplit(saver, sent, saved);
  }

  function titlePageSaver() {
    const doc = {
      id: docId(TITLE_PAGE),
      project: projectId,
      name: state.title,
      text: state.preamble,
      base: state.preamble,
    };
    const submit = async ({ base, op, text }, options) => {
      const script = await write("PATCH", `/api/scripts/${state.id}`, {
        json: { base_preamble: base, op_id: op, preamble: text },
        seconds: 20,
        ...options,
      });
      return { base: script.preamble, text: script.preamble };
    };
    const saver = new PreambleSaver(doc, { submit, combine });
    saver.addEventListener("accepted", ({ detail }) => {
      state.preamble = detail.answer.text;
    });
    return saver;
  }

  function dropSaver(id) {
    savers.get(id)?.abandon();
    savers.delete(id);
    delete state.saving[id];
  }

  /** Take up what earlier windows typed and could not send. Returns the ids of the texts it belongs to. */
  async function recover() {
    const recovered = [];
    for (const draft of await drafts.orphans(projectId)) {
      const id = draft.id === docId(TITLE_PAGE) ? TITLE_PAGE : draft.id;
      const scene = sceneOf(id);
      if (id !== TITLE_PAGE && !scene) {
        await readopt(draft);
        recovered.push(id);
        continue;
      }
      const saver = saverOf(id);
      if (!saver.clean) continue; // one draft at a time; the next load takes up the next
      const waiting = saver.recover(draft);
      drafts.forgetOrphan(draft);
      if (!waiting) continue;
      recovered.push(id);
      saver.addEventListener("accepted", () => setTimeout(catchUp), { once: true });
    }
    return recovered;
  }

  /** What was saved before a reload may have been saved over since: follow the server. */
  async function catchUp() {
    try {
      const renewed = await load();
      if (renewed.size) hooks.onRenewed(renewed);
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // the window's next refresh tries again
    }
  }

  /** The scene of a draft was deleted meanwhile: its words come back as a scene of their own. */
  async function readopt(draft) {
    // The same id whenever it is tried, so that a lost answer does not bring the words back twice.
    const op = `${draft.id}.${draft.at}`;
    await addScene(state.scenes.at(-1)?.id ?? null, draft.text, op);
    drafts.forgetOrphan(draft);
  }

  // Scenes

  async function addScene(after, text, op = drafts.randomId()) {
    const made = await write("POST", `/api/scripts/${state.id}/scenes`, { json: { after, text, op_id: op } });
    const { added, ...scene } = lean(made);
    const at = after ? indexOf(after) + 1 : state.scenes.length;
    const rest = (added ?? []).map((other) => ({ summary: null, ...lean(other) }));
    state.scenes.splice(at, 0, { summary: null, ...scene }, ...rest);
    return sceneOf(made.id);
  }

  async function deleteScene(id) {
    await savers.get(id)?.flush();
    await write("DELETE", `/api/scenes/${id}`);
    dropSaver(id);
    state.scenes.splice(indexOf(id), 1);
  }

  async function restoreScene(id) {
    const scene = lean(await write("POST", `/api/scenes/${id}/restore`));
    await load();
    return sceneOf(scene.id);
  }

  const deletedScenes = () => call("GET", `/api/scripts/${state.id}/scenes?deleted=true`);

  /** Put the scene `id` at `to`; the page shows it at once and takes it back if the server does not agree. */
  async function move(id, to) {
    const before = state.scenes.map((scene) => scene.id);
    const from = indexOf(id);
    if (from === to) return before;
    state.scenes.splice(to, 0, ...state.scenes.splice(from, 1));
    await order(
      state.scenes.map((scene) => scene.id),
      before,
    );
    return before;
  }

  async function order(wanted, before = null) {
    // An order to go back to may name scenes that are gone by now, and not those that came.
    const ids = wanted.filter(sceneOf);
    const seen = (before ?? state.scenes.map((scene) => scene.id)).filter((id) => ids.includes(id));
    try {
      const script = await write("PUT", `/api/scripts/${state.id}/order`, {
        json: { scene_ids: ids, base_scene_ids: seen },
      });
      arrange(script.scenes.map((scene) => scene.id));
      // Others may have added or deleted scenes meanwhile.
      if (script.scenes.length !== ids.length || script.scenes.some((scene) => !sceneOf(scene.id))) await load();
    } catch (error) {
      if (before) arrange(before);
      if (error.status === 409 || error.status === 422) await load();
      throw error;
    }
  }

  function arrange(ids) {
    const place = new Map(ids.map((id, at) => [id, at]));
    state.scenes.sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity));
  }

  // Summaries

  async function refreshSummary(id) {
    const scene = sceneOf(id);
    if (!scene) return;
    try {
      scene.summary = await call("GET", `/api/scenes/${id}/summary`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (scene.summary) scene.summary.stale = true; // it was edited; whether it still fits is not known
    }
  }

  async function summarise(id, signal) {
    await saverOf(id).flush();
    const summary = await write("POST", `/api/scenes/${id}/summary`, { signal, seconds: 180 });
    const scene = sceneOf(id);
    if (scene) scene.summary = summary;
    return summary;
  }

  const stopSummaries = () => call("DELETE", `/api/scripts/${state.id}/summaries`);

  const flushAll = () => Promise.all([...savers.values()].map((saver) => saver.flush()));
  const leave = () => savers.forEach((saver) => saver.leave());
  const hurry = () => savers.forEach((saver) => saver.hurry());

  return {
    ...{ state, sceneOf, indexOf, load, recover, saverOf, dropSaver, flushAll, leave, hurry },
    ...{ addScene, deleteScene, restoreScene, deletedScenes, move, order, summarise, stopSummaries, refreshSummary },
  };
}
