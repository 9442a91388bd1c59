// The storyboard that the page shows, kept up with the server, and everything that can be done to it.

import { reactive } from "vue";
import { call } from "/static/js/api.js";
import { followEvents, onceAtATime } from "/static/js/following.js";

/** The frames that are shown: neither replaced nor discarded. */
export const shown = (frames) => frames.filter((frame) => !frame.replaced_by && !frame.discarded);

/** Make the store of one project's storyboard. */
export function openStoryboard(projectId) {
  const state = reactive({ loaded: false, title: "", cost: 0, scenes: [], aside: [], runs: [], away: "" });
  const api = `/api/projects/${projectId}/storyboard`;
  const ending = new AbortController();
  let version = 0; // of the project, as it was last read
  let scriptId = "";
  let wanted = null; // the order of scene ids that is on its way to the server

  const sceneOf = (id) => state.scenes.find((scene) => scene.id === id);
  const indexOf = (id) => state.scenes.findIndex((scene) => scene.id === id);

  // Reading

  async function read() {
    const board = await call("GET", api);
    version = board.version;
    scriptId = board.script_id;
    const known = new Map(state.scenes.map((scene) => [scene.id, scene]));
    const scenes = board.scenes.map((scene) => Object.assign(known.get(scene.id) ?? {}, scene));
    Object.assign(state, { title: board.project_title, cost: board.cost, aside: board.aside, scenes: sorted(scenes) });
    state.runs = board.progress.runs;
    state.loaded = true;
  }

  const load = onceAtATime(read);

  /** Follow what happens, in this window and everywhere else, until the page is left. */
  const follow = () => followEvents(`${api}/events`, take, { signal: ending.signal, away: (why) => (state.away = why) });

  async function take(progress) {
    state.runs = progress.runs;
    if (progress.version !== version) await load();
  }

  const leave = () => ending.abort();

  async function act(method, path, json) {
    const answer = await call(method, path, json === undefined ? {} : { json });
    await load();
    return answer;
  }

  // Images

  const start = (perScene, sceneIds = null) =>
    act("POST", `${api}/runs`, { per_scene: perScene, ...(sceneIds && { scene_ids: sceneIds }) });
  const cancel = (run) => act("POST", `/api/storyboard-runs/${run.id}/cancel`);
  const resume = (run) => act("POST", `/api/storyboard-runs/${run.id}/resume`);
  const regenerate = (frame) => act("POST", `${api}/frames/${frame.id}/regenerate`);
  const change = (frame, what) => act("PATCH", `${api}/frames/${frame.id}`, what);
  const bringBack = (frame) => act("POST", `${api}/frames/${frame.id}/bring-back`);
  const attach = (frame, sceneId) => act("POST", `${api}/frames/${frame.id}/attach`, { scene_id: sceneId });

  // Scenes

  const deleteScene = (id) => act("DELETE", `/api/scenes/${id}`);
  const restoreScene = (id) => act("POST", `/api/scenes/${id}/restore`);
  const deletedScenes = () => call("GET", `/api/scripts/${scriptId}/scenes?deleted=true`);

  /** The scenes in the order that is wanted; without one, as they are. */
  function sorted(scenes) {
    if (!wanted) return scenes;
    const place = new Map(wanted.map((id, at) => [id, at]));
    return scenes.toSorted((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity));
  }

  /** Put the scenes in this order; the page shows it at once, and keeps to it until the server has answered. */
  async function order(ids) {
    wanted = ids;
    state.scenes = sorted(state.scenes);
    try {
      await call("PUT", `/api/scripts/${scriptId}/order`, { json: { scene_ids: ids } });
    } finally {
      if (wanted === ids) wanted = null;
      await load(); // as it really is
    }
  }

  /** Put a scene at another place. Returns the order that was before. */
  async function move(id, to) {
    const before = state.scenes.map((scene) => scene.id);
    const ids = before.filter((other) => other !== id);
    ids.splice(to, 0, id);
    await order(ids);
    return before;
  }

  return {
    ...{ state, sceneOf, indexOf, load, follow, leave },
    ...{ start, cancel, resume, regenerate, change, bringBack, attach },
    ...{ deleteScene, restoreScene, deletedScenes, order, move },
  };
}
