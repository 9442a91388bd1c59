// Keeping a page up with the server: its events, followed until the page is left, and readings, one at a time.

import { Problem, events } from "/static/js/api.js";

const DATABASE_AWAY = "The database does not answer; waiting for it";
const STUDIO_AWAY = "Studio is away; waiting for it";
const GONE = "This was deleted meanwhile; Projects can restore it";
const LOGGED_OUT = "You are logged out; log in again in another tab";

export const FIRST_WAIT = 500; // milliseconds before the first new attempt
export const LONGEST_WAIT = 5000;

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Give each event of `path` to `take`, whichever window or process caused it, until `signal` is aborted.
 *
 * `away` hears in a few words why there is nothing to follow at the moment, and "" with each event.
 */
export async function followEvents(path, take, { signal, away = () => {} }) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    try {
      for await (const { name, data } of events("GET", path, { signal })) {
        wait = FIRST_WAIT;
        away(name === "away" ? DATABASE_AWAY : "");
        if (name !== "away") await take(data);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      away(whyAway(error));
    }
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

/** Say in a few words why a request came to nothing for now. */
export const whyAway = ({ status, body }) =>
  ({ 401: LOGGED_OUT, 404: GONE })[status] ?? (body?.code?.startsWith("database-") ? DATABASE_AWAY : STUDIO_AWAY);

/** Return a function that runs `read` once at a time: what is asked for meanwhile is answered by one more reading. */
export function onceAtATime(read) {
  let reading = null;
  let again = false;
  return async () => {
    if (reading) {
      again = true;
      return reading;
    }
    reading = (async () => {
      do {
        again = false;
        await read();
      } while (again);
    })();
    try {
      await reading;
    } finally {
      reading = null;
    }
    return undefined;
  };
}
