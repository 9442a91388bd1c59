// The jobs that the page shows, kept up with the server, and what can be done to them.

import { reactive } from "vue";
import { Problem, call, events } from "/static/js/api.js";

const FIRST_WAIT = 500; // milliseconds before the first new attempt to follow
const LONGEST_WAIT = 5000;
const PAGE = 30;

/** The states that the list of ended jobs can be narrowed to. */
export const FILTERS = [
  { name: "All", states: ["done", "dead", "cancelled"] },
  { name: "Failed", states: ["dead"] },
  { name: "Done", states: ["done"] },
  { name: "Cancelled", states: ["cancelled"] },
];

const endings = (queues) => JSON.stringify(queues.map(({ name, counts }) => [name, FILTERS[0].states.map((s) => counts[s])]));

/** Make the store of all jobs. */
export function openJobs() {
  const state = reactive({ loaded: false, queues: [], active: [], ended: [], next: null, filter: FILTERS[0], away: "" });
  const ending = new AbortController();
  let shown = "";

  const pageOf = (query) => {
    const states = state.filter.states.map((each) => `state=${each}`).join("&");
    return call("GET", `/api/jobs?${states}&${query}`);
  };

  /** Read the ended jobs again, as many as are shown. */
  async function readEnded() {
    const wanted = state.filter;
    const page = await pageOf(`limit=${Math.min(200, Math.max(PAGE, state.ended.length))}`);
    if (state.filter !== wanted) return;
    state.ended = page.items;
    state.next = page.next;
  }

  async function readMore() {
    const page = await pageOf(`limit=${PAGE}&before=${encodeURIComponent(state.next)}`);
    const known = new Set(state.ended.map((job) => job.id));
    state.ended.push(...page.items.filter((job) => !known.has(job.id)));
    state.next = page.next;
  }

  function narrow(filter) {
    Object.assign(state, { filter, ended: [], next: null });
    return readEnded();
  }

  async function show(overview) {
    Object.assign(state, { queues: overview.queues, active: overview.active });
    if (state.loaded && shown === endings(overview.queues)) return;
    shown = endings(overview.queues);
    await readEnded();
    state.loaded = true;
  }

  async function load() {
    await show(await call("GET", "/api/jobs/overview"));
  }

  /** Follow what happens, whichever process does it, until the page is left. */
  async function follow() {
    let wait = FIRST_WAIT;
    while (!ending.signal.aborted) {
      try {
        for await (const overview of events("GET", "/api/jobs/events", { signal: ending.signal })) {
          wait = FIRST_WAIT;
          state.away = "";
          await show(overview);
        }
      } catch (error) {
        if (ending.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        state.away = error.message;
      }
      await new Promise((done) => setTimeout(done, wait));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  async function act(job, what) {
    await call("POST", `/api/jobs/${job.id}/${what}`);
    await load();
  }

  return {
    ...{ state, load, follow, narrow, readMore },
    leave: () => ending.abort(),
    details: (job) => call("GET", `/api/jobs/${job.id}`),
    cancel: (job) => act(job, "cancel"),
    retry: (job) => act(job, "retry"),
  };
}
