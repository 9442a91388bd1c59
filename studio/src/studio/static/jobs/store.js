// The jobs that the page shows, kept up with the server, and what can be done to them.

import { reactive } from "vue";
import { call } from "/static/js/api.js";
import { followEvents, onceAtATime } from "/static/js/following.js";

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
  const readEnded = onceAtATime(async () => {
    const wanted = state.filter;
    const page = await pageOf(`limit=${Math.min(200, Math.max(PAGE, state.ended.length))}`);
    if (state.filter !== wanted) return;
    state.ended = page.items;
    state.next = page.next;
  });

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
    await readEnded();
    shown = endings(overview.queues);
    state.loaded = true;
  }

  async function load() {
    await show(await call("GET", "/api/jobs/overview"));
  }

  /** Follow what happens, whichever process does it, until the page is left. */
  const follow = () =>
    followEvents("/api/jobs/events", show, { signal: ending.signal, away: (why) => (state.away = why) });

  // What becomes of it comes as an event. An overview read here could arrive after a newer one, and would stay.
  const act = (job, what) => call("POST", `/api/jobs/${job.id}/${what}`);

  return {
    ...{ state, load, follow, narrow, readMore },
    leave: () => ending.abort(),
    details: (job) => call("GET", `/api/jobs/${job.id}`),
    cancel: (job) => act(job, "cancel"),
    retry: (job) => act(job, "retry"),
  };
}
