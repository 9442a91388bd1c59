// What the runs of a storyboard come to, for the page.

import { images, money } from "/static/storyboard/words.js";

/** How far all runs are that go on: {wanted, finished, making}, or null when nothing goes on. */
export function overall(runs) {
  const active = runs.filter((run) => run.state === "running" && !run.interrupted);
  if (!active.length) return null;
  const sum = (count) => active.reduce((total, run) => total + count(run), 0);
  return {
    runs: active,
    wanted: sum((run) => run.wanted),
    finished: sum((run) => run.wanted - run.counts.waiting - run.counts.making),
    making: sum((run) => run.counts.making),
    failed: sum((run) => run.counts.failed),
    cost: sum((run) => run.cost),
  };
}

/** How far one scene is: {waiting, making, failed, replacing, note}, over all runs that go on or were interrupted. */
export function ofScene(runs, id) {
  const here = runs.filter((run) => run.scenes[id]);
  const going = here.filter((run) => run.state === "running" && !run.interrupted).map((run) => run.scenes[id]);
  const sum = (name) => going.reduce((total, scene) => total + scene[name], 0);
  return {
    waiting: sum("waiting"),
    making: sum("making"),
    failed: here.reduce((total, run) => total + run.scenes[id].failed, 0),
    replacing: going.flatMap((scene) => scene.replacing),
    note: going.find((scene) => scene.note)?.note ?? "",
  };
}

/** What became of a run, in one sentence. */
export function outcome(run) {
  const { done, aside, failed, cancelled } = run.counts;
  const kept = done + aside;
  const words = [];
  if (run.state === "cancelled") words.push(`Stopped after ${kept} of ${images(run.wanted)}`);
  else words.push(`${images(kept)} made`);
  if (run.state !== "cancelled" && cancelled) words.push(`${cancelled} not begun, their scenes were deleted`);
  if (aside) words.push(`${aside} kept aside, the scene was deleted meanwhile`);
  if (failed) words.push(`${failed} failed`);
  return `${words.join(" · ")} · ${money(run.cost)}`;
}
