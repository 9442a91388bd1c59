// The interview and the plan that the page shows, kept up with the server, and everything that can be done to them.

import { reactive } from "vue";
import { Problem, call } from "/static/js/api.js";
import { FIRST_WAIT, LONGEST_WAIT, followEvents, onceAtATime, pause, whyAway } from "/static/js/following.js";
import { randomId } from "/static/script/drafts.js";
import { openDrafts } from "/static/interview/drafts.js";

/** Make the store of one project's interview. */
export function openInterview(projectId) {
  const state = reactive({ view: null, plan: null, away: "", sending: {}, refused: {} });
  const api = `/api/projects/${projectId}/interview`;
  const drafts = openDrafts(projectId);
  const ending = new AbortController();

  const questionOf = (id) => state.view?.questions.find((question) => question.id === id) ?? null;

  // Reading

  /** Show `view`, unless what is shown is newer: answers may arrive in another order than they were given in. */
  function show(view) {
    if (!state.view || view.version >= state.view.version) state.view = view;
  }

  function showPlan(plan) {
    if (!state.plan || plan.version >= state.plan.version) state.plan = plan;
  }

  async function read() {
    show(await call("GET", api));
    if (state.view.plan.id) showPlan(await call("GET", `${api}/plan`));
  }

  const load = onceAtATime(read);

  /** Follow what happens, in this window and everywhere else, until the page is left. */
  const follow = () =>
    followEvents(`${api}/events`, (seen) => (isNews(seen) ? load() : undefined), {
      signal: ending.signal,
      away: (why) => (state.away = why),
    });

  /** Jobs end, fail and hang without a change of the project: their troubles are news too. */
  function isNews({ version, state: at, plan, trouble }) {
    const { view } = state;
    if (!view || version !== view.version || at !== view.state || plan !== view.plan.state) return true;
    return trouble !== [view.trouble, view.plan.trouble].filter(Boolean).join("\n");
  }

  const leave = () => ending.abort();

  async function act(method, path, json) {
    const answer = await call(method, `${api}${path}`, json === undefined ? {} : { json });
    await load();
    return answer;
  }

  // Answers

  /**
   * Save an answer on top of the version `base`, however long the server is away. True when it is saved, false when
   * another one is stored, or the server refused it (`state.refused`); the draft is kept then.
   */
  async function answer(id, text, base) {
    const before = drafts.get(id);
    const same = before?.op && before.text === text && before.base === base;
    const op = same ? before.op : randomId();
    drafts.keep(id, { text, base, op });
    state.sending[id] = true;
    delete state.refused[id];
    try {
      await deliver(id, { text, base_version: base, op_id: op });
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (drafts.get(id)?.op === op) drafts.keep(id, { text: drafts.get(id).text, base });
      if (error.status === 409) await load();
      else state.refused[id] = error.message;
      return false;
    } finally {
      delete state.sending[id];
    }
  }

  async function deliver(id, body) {
    let wait = FIRST_WAIT;
    for (;;) {
      try {
        const { interview } = await call("PUT", `${api}/answers/${id}`, { json: body });
        // What was typed since is not what was saved.
        if (drafts.get(id)?.op === body.op_id) drafts.forget(id);
        state.away = "";
        show(interview);
        return;
      } catch (error) {
        if (!(error instanceof Problem) || !(error.passing || error.status === 401)) throw error;
        state.away = whyAway(error);
        await pause(Math.max(wait, error.retryAfter * 1000));
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    }
  }

  /** Send what a window that is gone had sent without learning whether it arrived. */
  async function resume() {
    await drafts.adopt();
    for (const name of drafts.names()) {
      const draft = drafts.get(name);
      if (draft.op && questionOf(name)) answer(name, draft.text, draft.base);
    }
  }

  const start = () => act("POST", "");
  const askAgain = () => act("POST", "/ask-again");
  const finish = () => act("POST", "/finish");

  // The plan

  const wantPlan = () => act("POST", "/plan", { instead_of: state.view.plan.id });
  const bringBack = async (plan) => {
    await act("POST", `/plans/${plan.id}/bring-back`);
  };

  async function edit(method, path, json) {
    showPlan(await call(method, `${api}/plan/items${path}`, { json }));
  }

  const addItem = (item) => edit("POST", "", item);
  const changeItem = (id, change) => edit("PATCH", `/${id}`, change);
  const moveItem = (id, place) => edit("POST", `/${id}/move`, place);

  return {
    ...{ state, drafts, questionOf, load, follow, leave, resume },
    ...{ answer, start, askAgain, finish },
    ...{ wantPlan, bringBack, addItem, changeItem, moveItem },
    exports: (kind) => `${api}/plan/export.${kind}`,
  };
}
