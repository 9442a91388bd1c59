// Saves one text (a scene, or the title page) as it is typed.
//
// One request is in flight at a time, each based on the version that the last answer gave. Until the server has
// acknowledged a text, a draft of it is in this browser. States:
//   saved     the server holds what is in the editor
//   changed   typed, about to be sent
//   saving    a request is under way
//   retrying  the server did not answer; it will be asked again, ever more rarely
//   conflict  someone else saved first; `stored` is what the server holds, nothing is sent until the writer chooses
//   gone      the text was deleted elsewhere; nothing is sent until the writer chooses
//   refused   the server cannot take this text (`message` says why); the next edit tries again

import * as drafts from "/static/script/drafts.js";
import { printOf } from "/static/script/prints.js";

const DEBOUNCE = 700;
const LONGEST_WAIT = 4000; // whoever types without a pause is saved all the same
const FIRST_RETRY = 1000;
const LAST_RETRY = 30000;
const UNANSWERED = 20;
const KEEPALIVE_LIMIT = 60000; // browsers refuse keepalive bodies above 64 KiB

export class Saver extends EventTarget {
  #timer = 0;
  #running = null;
  #retries = 0;
  #since = null; // when the first word was typed that no request has taken along yet
  #acknowledged;

  /** `doc` is {id, project, name, text, base}; `submit(base, text, options)` resolves to {base, text, ...}. */
  constructor(doc, submit) {
    super();
    this.doc = doc;
    this.text = doc.text;
    this.#acknowledged = doc.text;
    this.state = "saved";
    this.message = "";
    this.stored = null;
    this.unanswered = []; // prints of texts that were sent and may have been saved: their answers never came
    this.submit = submit;
  }

  get base() {
    return this.doc.base;
  }

  get clean() {
    return this.state === "saved";
  }

  get held() {
    return this.state === "conflict" || this.state === "gone";
  }

  #become(state, message = "", status = 0) {
    this.state = state;
    this.message = message;
    this.status = status;
    this.dispatchEvent(new Event("state"));
  }

  #keepDraft() {
    const { id, project, name, base } = this.doc;
    return drafts.keep({ id, project, name, base, text: this.text, unanswered: this.unanswered });
  }

  /** Take `text` as what the writer has typed. */
  edit(text) {
    if (text === this.text) return;
    this.text = text;
    const kept = this.#keepDraft();
    if (this.held) return;
    if (this.state !== "retrying") {
      if (!this.#running) this.#become("changed");
      const waited = Date.now() - (this.#since ??= Date.now());
      this.#schedule(kept ? Math.max(0, Math.min(DEBOUNCE, LONGEST_WAIT - waited)) : 0);
    }
  }

  #schedule(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), delay);
  }

  /** Send what is not saved yet, now. Resolves when nothing is left to send or it has to wait. */
  async flush(options = {}) {
    clearTimeout(this.#timer);
    while (this.#running) await this.#running;
    if (this.held || this.clean) return;
    this.#running = this.#send(options);
    try {
      await this.#running;
    } finally {
      this.#running = null;
    }
    if (this.state === "changed") this.#schedule(DEBOUNCE);
  }

  /** The page is going away: send without waiting. What does not arrive is still a draft. */
  leave() {
    if (this.held || this.clean || this.#running) return;
    if (new Blob([this.text]).size < KEEPALIVE_LIMIT) this.flush({ keepalive: true });
  }

  async #send({ keepalive = false } = {}) {
    const text = this.text;
    this.#since = null;
    if (text === this.#acknowledged) {
      this.#settle(text);
      return;
    }
    this.unanswered = [...this.unanswered, printOf(text)].slice(-UNANSWERED);
    this.#keepDraft();
    if (this.state !== "retrying") this.#become("saving");
    try {
      const answer = await this.submit(this.base, text, { keepalive });
      this.#accept(text, answer);
    } catch (error) {
      this.#refuse(text, error);
    }
  }

  #accept(text, answer) {
    this.#retries = 0;
    this.unanswered = [];
    this.doc.base = answer.base;
    this.#acknowledged = text;
    // The listener may move part of the text to other scenes when the server has split this one.
    this.dispatchEvent(new CustomEvent("accepted", { detail: { sent: text, answer } }));
    this.#settle(text);
  }

  #settle(text) {
    if (this.text === this.#acknowledged || this.text === text) {
      drafts.forget(this.doc.id);
      this.#become("saved");
    } else {
      this.#keepDraft();
      this.#become("changed");
    }
  }

  #refuse(text, error) {
    if (error.status === 409 && error.body) {
      this.#meet(this.storedIn(error.body), text);
    } else if (error.status === 404) {
      this.#become("gone", error.message);
    } else if (error.passing || error.status === 401) {
      this.#retry(error);
    } else {
      this.#become("refused", error.message);
    }
  }

  /** Where the answer to a conflict carries what is stored, as {base, text}. */
  storedIn(body) {
    return { base: body.scene.version, text: body.scene.text };
  }

  /** The server holds `stored`. If that is a text of ours whose answer was lost, go on from it. */
  #meet(stored, text) {
    if (stored.text === text || this.#isOurs(stored.text)) {
      this.#accept(stored.text, stored);
      return;
    }
    this.stored = stored;
    this.#become("conflict");
  }

  #isOurs(text) {
    return this.unanswered.includes(printOf(text));
  }

  #retry(error) {
    const backoff = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** this.#retries);
    this.#retries += 1;
    const delay = Math.max(backoff * (0.75 + Math.random() / 2), error.retryAfter * 1000);
    this.#become("retrying", error.message, error.status);
    this.#schedule(delay);
  }

  /** Something suggests that the server is back: do not wait for the next turn. */
  hurry() {
    if (this.state !== "retrying") return;
    this.#retries = 0;
    this.#schedule(0);
  }

  /** Take up a draft that an earlier window left behind. */
  recover(draft) {
    this.text = draft.text;
    this.unanswered = draft.unanswered ?? [];
    this.#keepDraft();
    if (this.text === this.#acknowledged) {
      this.#settle(this.text);
    } else if (draft.base === this.base || this.#isOurs(this.#acknowledged)) {
      this.#become("changed");
      this.#schedule(0);
    } else {
      this.stored = { base: this.base, text: this.#acknowledged };
      this.#become("conflict");
    }
  }

  /** End a conflict: `text` is what the writer chose, on top of what is stored. */
  resolve(text) {
    this.doc.base = this.stored.base;
    this.#acknowledged = this.stored.text;
    this.stored = null;
    this.unanswered = [];
    this.text = text;
    this.#keepDraft();
    this.#become("changed");
    return this.flush();
  }

  /** The server's text changed and nothing of the writer's is waiting: go on from it. */
  renew(base, text) {
    if (!this.clean || base === this.base) return false;
    this.doc.base = base;
    this.text = text;
    this.#acknowledged = text;
    return true;
  }

  /** Replace the waiting text without sending it from here, as when a split has moved part of it. */
  retext(acknowledged, text) {
    this.#acknowledged = acknowledged;
    this.text = text;
  }

  /** Give the text up: the writer chose to. */
  abandon() {
    clearTimeout(this.#timer);
    drafts.forget(this.doc.id);
    this.text = this.#acknowledged;
    this.#become("saved");
  }
}
