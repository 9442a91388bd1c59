// Saves one text (a scene, or the title page) as it is typed.
//
// One save is under way at a time. It has an id of its own, and until the server has answered it is sent again with that
// id, the same words on the same version, also after a reload: the server applies it once and answers as it did the
// first time. Until the server has acknowledged a text, a draft of it is in this browser. States:
//   saved     the server holds what is in the editor
//   changed   typed, about to be sent
//   saving    a save is under way
//   retrying  the server did not answer; it will be asked again, ever more rarely
//   merging   someone else saved first; both edits are being put together
//   conflict  both edits changed the same lines; nothing is sent until the writer chooses
//   gone      the text was deleted elsewhere; nothing is sent until the writer chooses
//   refused   the server cannot take this text (`message` says why); the next edit tries again

import * as drafts from "/static/script/drafts.js";
import { withEndsOf } from "/static/script/lines.js";

const DEBOUNCE = 700;
const LONGEST_WAIT = 4000; // whoever types without a pause is saved all the same
const FIRST_RETRY = 1000;
const LAST_RETRY = 30000;
const KEEPALIVE_LIMIT = 60000; // browsers refuse keepalive bodies above 64 KiB

export class Saver extends EventTarget {
  #timer = 0;
  #running = null;
  #retries = 0;
  #since = null; // when the first word was typed that no save has taken along yet
  #origin; // {base, text}: the version that the writer's words build on; its text is null when it is not known
  #compared = null; // what the writer's text was when `hunks` were found
  #pending = null; // {op, text}: the save that was sent and not answered

  /**
   * `doc` is {id, project, name, text, base}. `submit(save, options)`, where a save is {base, op, text}, resolves to
   * {base, text, ...}; `combine({base, mine, theirs})` merges three texts.
   */
  constructor(doc, { submit, combine }) {
    super();
    const { base, text, ...rest } = doc;
    this.doc = rest;
    this.text = text;
    this.#origin = { base, text };
    this.state = "saved";
    this.message = "";
    this.stored = null; // {base, text} that someone else saved, until both edits are put together
    this.hunks = null; // where both edits differ, in a conflict
    this.submit = submit;
    this.combine = combine;
    this.rest = async () => {}; // resolves when the hands rest, so that the text may change below them
  }

  get base() {
    return this.#origin.base;
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
    const { base, text: baseText } = this.#origin;
    return drafts.keep({ ...this.doc, base, baseText, text: this.text, pending: this.#pending });
  }

  /** Take `text` as what the writer has typed. */
  edit(text) {
    if (text === this.text) return;
    this.text = text;
    const kept = this.#keepDraft();
    if (this.held || this.state === "merging" || this.state === "retrying") return;
    if (!this.#running) this.#become("changed");
    const waited = Date.now() - (this.#since ??= Date.now());
    this.#schedule(kept ? Math.max(0, Math.min(DEBOUNCE, LONGEST_WAIT - waited)) : 0);
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
    await this.#alone(this.stored ? this.#merge() : this.#send(options));
  }

  async #alone(work) {
    this.#running = work;
    try {
      await work;
    } finally {
      this.#running = null;
    }
    if (this.state === "changed") this.#schedule(DEBOUNCE);
  }

  /** The page is going away: send without waiting. What does not arrive is still a draft. */
  leave() {
    if (this.held || this.clean || this.#running || this.stored) return;
    if (new Blob([this.#pending?.text ?? this.text]).size < KEEPALIVE_LIMIT) this.flush({ keepalive: true });
  }

  async #send({ keepalive = false } = {}) {
    this.#since = null;
    if (!this.#pending) {
      if (this.text === this.#origin.text) {
        this.#settle();
        return;
      }
      this.#pending = { op: drafts.randomId(), text: this.text };
      this.#keepDraft();
    }
    if (this.state !== "retrying") this.#become("saving");
    const save = { base: this.base, ...this.#pending };
    let answer;
    try {
      answer = await this.submit(save, { keepalive });
    } catch (error) {
      await this.#refuse(error);
      return;
    }
    this.#accept(save.text, answer);
  }

  #accept(text, answer) {
    this.#retries = 0;
    this.#pending = null;
    this.#origin = { base: answer.base, text };
    // The listener may move part of the text to other scenes when the server has split this one.
    this.dispatchEvent(new CustomEvent("accepted", { detail: { sent: text, answer } }));
    this.#settle();
  }

  #settle() {
    if (this.text === this.#origin.text) {
      drafts.forget(this.doc.id);
      this.#become("saved");
    } else {
      this.#keepDraft();
      this.#become("changed");
    }
  }

  async #refuse(error) {
    if (error.passing || error.status === 401) {
      this.#retry(error);
      return;
    }
    this.#pending = null;
    if (error.status === 409 && error.body) {
      await this.#meet(this.storedIn(error.body));
    } else if (error.status === 404) {
      this.#become("gone", error.message);
    } else {
      this.#become("refused", error.message);
    }
  }

  /** Where the answer to a conflict carries what is stored, as {base, text}. */
  storedIn(body) {
    return { base: body.scene.version, text: body.scene.text };
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

  // Two edits

  #meet(stored) {
    this.stored = stored;
    this.#keepDraft();
    return this.#merge();
  }

  /** Put both edits together: by itself where they changed different lines, else by asking the writer. */
  async #merge() {
    this.#become("merging");
    let merge;
    let mine;
    try {
      do {
        mine = this.text;
        merge = await this.#combined(mine);
        if (merge.merged !== null) await this.rest();
      } while (mine !== this.text);
    } catch (error) {
      this.#retry(error);
      return;
    }
    this.#retries = 0;
    if (merge.merged === null) this.#ask(mine, merge.hunks);
    else this.#takeMerged(mine, merge);
  }

  async #combined(mine) {
    const texts = { base: this.#origin.text, mine, theirs: this.stored.text };
    try {
      return await this.combine(texts);
    } catch (error) {
      if (error.passing || error.status === 401) throw error;
      // Texts that the server does not merge are shown whole.
      return { merged: null, hunks: [{ ...texts, kind: "conflict", base: texts.base ?? "" }] };
    }
  }

  #ask(mine, hunks) {
    this.#compared = mine;
    this.hunks = hunks;
    this.#become("conflict");
  }

  #takeMerged(mine, { merged, hunks }) {
    const text = withEndsOf(merged, this.stored.text);
    this.#goOnFrom(text);
    const { text: theirs } = this.#origin;
    this.dispatchEvent(new CustomEvent("merged", { detail: { mine, theirs, merged: text, hunks } }));
  }

  #goOnFrom(text) {
    this.#origin = this.stored;
    this.stored = null;
    this.hunks = null;
    this.text = text;
    this.#settle();
  }

  /** Compare both edits anew, since the writer may have typed on. */
  async compare() {
    if (this.state === "conflict" && this.text !== this.#compared) await this.#alone(this.#merge());
  }

  /** End a conflict: `text` is what the writer chose, to be saved on top of what is stored. */
  resolve(text) {
    this.#goOnFrom(withEndsOf(text, this.stored.text));
    return this.flush();
  }

  /** The writer's text with the step from the text `from` to the text `to` made in it; null when it does not fit. */
  async stepped(from, to) {
    const { merged } = await this.combine({ base: from, mine: this.text, theirs: to });
    return merged === null ? null : withEndsOf(merged, this.text);
  }

  // Other ways to another text

  /** Take up a draft that an earlier window left behind. Tells whether it holds words that the server may not have. */
  recover(draft) {
    const stored = { ...this.#origin };
    this.text = draft.text;
    if (this.text === stored.text) {
      this.#settle();
      return false;
    }
    this.#origin = draft.base === stored.base ? stored : { base: draft.base, text: draft.baseText ?? null };
    this.#pending = draft.pending ?? null;
    this.#keepDraft();
    if (!this.#pending && draft.base !== stored.base) this.stored = stored;
    this.#become("changed");
    this.#schedule(0);
    return true;
  }

  /** The server's text changed and nothing of the writer's is waiting: go on from it. */
  renew(base, text) {
    if (!this.clean || base === this.base) return false;
    this.text = text;
    this.#origin = { base, text };
    return true;
  }

  /** Replace the waiting text without sending it from here, as when a split has moved part of it. */
  retext(acknowledged, text) {
    this.#origin.text = acknowledged;
    this.text = text;
  }

  /** Bring the text back on top of `stored`, as after its scene was deleted and restored. */
  restart(stored) {
    this.stored = stored;
    return this.resolve(this.text);
  }

  /** Give the text up: the writer chose to. */
  abandon() {
    clearTimeout(this.#timer);
    drafts.forget(this.doc.id);
    this.#pending = null;
    this.text = this.#origin.text ?? this.text;
    this.#become("saved");
  }
}
