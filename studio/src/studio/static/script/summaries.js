// Generating summaries: one scene, or the whole script with progress that can be cancelled; and following what becomes of
// them, in this window and everywhere else.

import { reactive } from "vue";
import { Problem, events } from "/static/js/api.js";
import { followEvents } from "/static/js/following.js";

/** Make the summary work of one script. `failures` maps a scene to what went wrong the last time. */
export function openSummaries(store) {
  const state = reactive({
    running: {}, // scene id -> true while its summary is being made, wherever that was asked for
    failures: {},
    all: null, // {done, total, slugline, failed} while the whole script is being summarised
    outcome: "",
    away: "",
  });
  const asked = new Set(); // what this window asked for and has no answer to yet
  let making = new Set(); // what the server makes
  let stop = null;
  const ending = new AbortController();

  /** Mark the scenes whose summary is on its way. */
  function mark() {
    const now = Object.fromEntries([...asked, ...making].map((id) => [id, true]));
    if (Object.keys(now).sort().join() !== Object.keys(state.running).sort().join()) state.running = now;
    if (state.all) state.all.slugline = store.state.scenes.find((scene) => now[scene.id])?.slugline ?? "";
  }

  async function one(id) {
    if (state.running[id]) return;
    asked.add(id);
    delete state.failures[id];
    mark();
    try {
      await store.summarise(id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      state.failures[id] = error.message;
    } finally {
      asked.delete(id);
      making.delete(id); // the next event knows better
      mark();
    }
  }

  /** Summarise what has no fresh summary, or `everything`. */
  async function all(everything = false) {
    if (state.all) return;
    stop = new AbortController();
    Object.assign(state, { all: { done: 0, total: 0, slugline: "", failed: 0 }, failures: {}, outcome: "" });
    try {
      await store.flushAll();
      const path = `/api/scripts/${store.state.id}/summaries?all=${everything}`;
      for await (const { name, data } of events("POST", path, { signal: stop.signal })) if (name !== "away") take(data);
      state.outcome = outcome();
    } catch (error) {
      if (stop.signal.aborted) state.outcome = `Stopped after ${state.all.done} of ${state.all.total}.`;
      else if (error instanceof Problem) state.outcome = error.message;
      else throw error;
    } finally {
      state.all = null;
      asked.clear();
      mark();
    }
  }

  function take(step) {
    Object.assign(state.all, { done: step.done, total: step.total });
    if (step.state === "started") asked.add(step.scene_id);
    else asked.delete(step.scene_id);
    if (step.state === "done") {
      const scene = store.sceneOf(step.scene_id);
      if (scene) scene.summary = step.summary;
    } else if (step.state === "failed") {
      state.all.failed += 1;
      state.all.problem = step.problem;
      state.failures[step.scene_id] = step.problem;
    }
    if (step.state !== "started") making.delete(step.scene_id);
    mark();
  }

  function outcome() {
    const { done, total, failed, problem } = state.all;
    if (total === 0) return "Every scene has a fresh summary.";
    const made = done - failed;
    const words = `${made} ${made === 1 ? "summary" : "summaries"} made.`;
    if (done < total) return `${words} Stopped early${problem ? `: ${problem}` : "."}`;
    return failed ? `${words} ${failed} failed: ${problem}` : words;
  }

  /** Stop all that is being summarised; what was made is kept. */
  async function cancel() {
    stop?.abort();
    making = new Set();
    asked.clear();
    mark();
    await store.stopSummaries();
  }

  /** Follow the summaries of the script, whichever window or process they are made in, until the page is left. */
  const follow = () =>
    followEvents(`/api/scripts/${store.state.id}/summaries/events`, ({ scenes }) => learn(scenes), {
      signal: ending.signal,
      away: (why) => (state.away = why),
    });

  function learn(scenes) {
    for (const { scene_id: id, summary, problem } of scenes) {
      const scene = store.sceneOf(id);
      if (scene && JSON.stringify(scene.summary) !== JSON.stringify(summary)) scene.summary = summary;
      if (problem) state.failures[id] = problem;
      else delete state.failures[id];
    }
    making = new Set(scenes.filter((scene) => scene.refreshing).map((scene) => scene.scene_id));
    mark();
  }

  const leave = () => ending.abort();
  return { state, one, all, cancel, follow, leave };
}
