// Generating summaries: one scene, or the whole script with progress that can be cancelled.

import { reactive } from "vue";
import { Problem, events } from "/static/js/api.js";

/** Make the summary work of one script. `failures` maps a scene to what went wrong the last time. */
export function openSummaries(store) {
  const state = reactive({
    running: {}, // scene id -> true while its summary is being made
    failures: {},
    all: null, // {done, total, slugline, failed} while the whole script is being summarised
    outcome: "",
  });
  let stop = null;

  async function one(id) {
    if (state.running[id]) return;
    state.running[id] = true;
    delete state.failures[id];
    try {
      await store.summarise(id);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      state.failures[id] = error.message;
    } finally {
      delete state.running[id];
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
      for await (const step of events("POST", path, { signal: stop.signal })) take(step);
      state.outcome = outcome();
    } catch (error) {
      if (stop.signal.aborted) state.outcome = `Stopped after ${state.all.done} of ${state.all.total}.`;
      else if (error instanceof Problem) state.outcome = error.message;
      else throw error;
    } finally {
      Object.assign(state, { all: null, running: {} });
    }
  }

  function take(step) {
    Object.assign(state.all, { done: step.done, total: step.total, slugline: step.slugline ?? "" });
    if (step.state === "started") state.running[step.scene_id] = true;
    else delete state.running[step.scene_id];
    if (step.state === "done") {
      const scene = store.sceneOf(step.scene_id);
      if (scene) scene.summary = step.summary;
    } else if (step.state === "failed") {
      state.all.failed += 1;
      state.all.problem = step.problem;
      state.failures[step.scene_id] = step.problem;
    }
  }

  function outcome() {
    const { done, total, failed, problem } = state.all;
    if (total === 0) return "Every scene has a fresh summary.";
    const made = done - failed;
    const words = `${made} ${made === 1 ? "summary" : "summaries"} made.`;
    if (done < total) return `${words} Stopped early: ${problem}`;
    return failed ? `${words} ${failed} failed: ${problem}` : words;
  }

  const cancel = () => stop?.abort();
  return { state, one, all, cancel };
}
