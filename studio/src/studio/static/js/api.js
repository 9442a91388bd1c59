// The REST API as promises. Whatever goes wrong is a `Problem` whose message a person can act on.

export class Problem extends Error {
  constructor(message, { status = 0, body = null, retryAfter = 0 } = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** The same request may succeed later without the person doing anything. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

const AWAY = "Studio is not answering. Check that it is still running; nothing you typed is lost.";
const BY_STATUS = {
  401: "You are no longer logged in. Log in again in another tab; what you typed is kept in this browser.",
  403: "Studio refused this. Reload the page and try again.",
  404: "This is no longer there. Reload the page to see what is.",
  413: "This is too large for Studio, which takes up to 20 MB.",
};

async function problemOf(response) {
  let body = null;
  try {
    body = await response.json();
  } catch {
    // A proxy or a crash may answer with something that is not JSON: the status alone must do.
  }
  const message =
    (response.status === 401 && BY_STATUS[401]) || // the answer's own words are for programs
    (typeof body?.detail === "string" && body.detail) ||
    BY_STATUS[response.status] ||
    body?.title ||
    `Studio answered with an error (${response.status}). Try again in a moment.`;
  const retryAfter = Number(response.headers.get("Retry-After")) || 0;
  return new Problem(message, { status: response.status, body, retryAfter });
}

function deadline(signal, seconds) {
  const limit = AbortSignal.timeout(seconds * 1000);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

/** Send one request and return the response; throws `Problem`, or the abort of the caller's own `signal`. */
export async function send(method, path, { json, body, signal, keepalive = false, seconds = 30 } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: json !== undefined ? JSON.stringify(json) : body,
      signal: deadline(signal, seconds),
      keepalive,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(AWAY);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Send one request and return the JSON of its answer, or null when the answer is empty. */
export async function call(method, path, options = {}) {
  const response = await send(method, path, options);
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new Problem(AWAY);
  }
}

const LONGEST_SILENCE = 45; // seconds; Studio gives a sign of life three times in it

/** Read what comes next, if it comes before the connection must be taken for dead. */
async function readInTime(reader) {
  let timer;
  const silence = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Problem(AWAY)), LONGEST_SILENCE * 1000);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Send one request and yield each server-sent event of its answer as {name, data}, as it arrives. */
export async function* events(method, path, options = {}) {
  const response = await send(method, path, { ...options, seconds: 3600 });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  try {
    for (;;) {
      let chunk;
      try {
        chunk = await readInTime(reader);
      } catch (error) {
        if (options.signal?.aborted) throw error;
        throw new Problem(AWAY);
      }
      if (chunk.done) return;
      pending += chunk.value.replace(/\r\n?/g, "\n");
      const whole = pending.split("\n\n");
      pending = whole.pop();
      for (const event of whole) {
        const data = field(event, "data");
        if (data) yield { name: field(event, "event"), data: JSON.parse(data) };
      }
    }
  } finally {
    // Whoever leaves before the end leaves no connection behind.
    reader.cancel().catch(() => {});
  }
}

const field = (event, name) =>
  event
    .split("\n")
    .filter((line) => line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).replace(/^ /, ""))
    .join("\n");
