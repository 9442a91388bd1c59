// Keeping a page up with the server: its events, followed until the page is left, and readings, one at a time.

import { Problem, events } from "/static/js/api.js";

export const FIRST_WAIT = 500; // milliseconds before the first new attempt
export const LONGEST_WAIT = 5000;

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Give each event of `path` to `take`, whichever window or process caused it, until `signal` is aborted.
 *
 * `away` hears why the server is not followed at the moment, and "" with each event.
 */
export async function followEvents(path, take, { signal, away = () => {} }) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    try {
      for await (const event of events("GET", path, { signal })) {
        wait = FIRST_WAIT;
        away("");
        await take(event);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      away(error.message);
    }
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

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
