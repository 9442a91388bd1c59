// The Interview page: one question at a time, a review, a plan.

import { markRaw } from "vue";
import Away from "/static/js/away.js";
import Icon from "/static/js/icons.js";
import Menu from "/static/js/menu.js";
import { Problem } from "/static/js/api.js";
import { attempting } from "/static/js/attempting.js";
import { outliveServer } from "/static/js/connection.js";
import { toast } from "/static/js/toasts.js";
import Patience from "/static/interview/patience.js";
import Plan from "/static/interview/plan.js";
import Question from "/static/interview/question.js";
import Review from "/static/interview/review.js";
import Shortcuts from "/static/interview/shortcuts.js";
import template from "/static/interview/page-template.js";
import { openInterview } from "/static/interview/store.js";

export default {
  components: { Away, Icon, Menu, Patience, Plan, Question, Review, Shortcuts },
  mixins: [attempting],
  props: {
    project: { type: String, required: true },
    model: { type: Object, required: true },
    longest: { type: Object, required: true },
  },
  data: () => ({
    store: null,
    failure: "",
    helping: false,
    tab: "questions",
    shown: null, // the question that the writer went to; null follows the interview
    texts: {}, // what was typed, by question: {text, base}, where base is the version of the answer that was seen
    fromReview: false,
    announcement: "",
  }),
  template,
  computed: {
    state() {
      return this.store?.state ?? null;
    },
    view() {
      return this.state?.view ?? null;
    },
    question() {
      const id = this.shown ?? this.view?.current;
      return this.view?.questions.find((question) => question.id === id) ?? null;
    },
    typedHere() {
      return this.question ? (this.texts[this.question.id] ?? null) : null;
    },
    text() {
      if (this.typedHere) return this.typedHere.text;
      return this.question.answer?.text ?? this.question.prefill;
    },
    clash() {
      const stored = this.question?.answer;
      if (!stored || !this.typedHere || this.state.sending[this.question.id]) return false;
      return this.typedHere.base !== stored.version && this.typedHere.text !== stored.text;
    },
    hasNext() {
      return this.question.number < this.view.questions.length || this.view.state !== "asking";
    },
    answered() {
      return this.view.questions.filter((question) => question.answer).length;
    },
    total() {
      return Math.max(this.view.fixed_questions, this.view.questions.length);
    },
    ahead() {
      return Math.max(0, this.view.fixed_questions - this.view.questions.length);
    },
    howFar() {
      if (this.view.state === "finished") return `${this.answered} questions, none left`;
      return `${this.answered} of ${this.total}${this.answered >= this.view.fixed_questions ? " and counting" : ""}`;
    },
    parts() {
      return [
        { id: "questions", label: "Questions" },
        { id: "review", label: "Review" },
        { id: "plan", label: "Plan" },
      ];
    },
    modelTold() {
      if (this.model.local) return "The questions and the plan are made on this machine; nothing leaves it.";
      return `Your answers are sent to ${this.model.host} (${this.model.name}) for the questions and the plan.`;
    },
    menu() {
      const plan = this.view?.plan.id
        ? ["json", "csv", "md"].map((kind) => ({
            label: `Plan as ${{ json: "JSON", csv: "CSV", md: "Markdown" }[kind]}`,
            href: this.store.exports(kind),
            download: "",
          }))
        : [];
      return [
        ...plan,
        ...(plan.length ? [{ divider: true }] : []),
        { label: "Keyboard shortcuts", hint: "?", run: () => (this.helping = true) },
      ];
    },
  },
  watch: {
    view: {
      handler(view, before) {
        if (before) this.onChange(view, before);
        else this.tab = this.firstTab(view);
      },
    },
    tab() {
      this.$refs.scroller?.scrollTo(0, 0);
      if (this.tab !== "questions") this.fromReview = false;
    },
  },
  created() {
    this.store = markRaw(openInterview(this.project));
  },
  mounted() {
    outliveServer();
    addEventListener("keydown", this.onKey);
    addEventListener("pagehide", this.store.leave);
    this.begin();
  },
  unmounted() {
    removeEventListener("keydown", this.onKey);
    removeEventListener("pagehide", this.store.leave);
    this.store.leave();
  },
  methods: {
    async begin() {
      this.failure = "";
      try {
        await this.store.load();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.failure = error.message;
        return;
      }
      await this.store.resume();
      this.takeUp();
      this.store.follow();
    },
    firstTab(view) {
      if (view.plan.id || view.plan.state === "making") return "plan";
      return view.state === "finished" ? "review" : "questions";
    },
    /** Show again what was typed before a reload. */
    takeUp() {
      for (const { id } of this.view.questions) {
        const draft = this.store.drafts.get(id);
        if (draft) this.texts[id] = { text: draft.text, base: draft.base };
      }
    },
    /** Something arrived from this window's own answer, another window, or a job. */
    onChange(view, before) {
      const was = this.shown ?? before.current;
      // Whoever is typing stays where they are, and is told.
      const left = this.shown === null && was && was !== view.current ? was : null;
      if (left && this.texts[left] && !this.state.sending[left]) this.shown = left;
      if (view.current && view.current !== before.current && view.questions.at(-1).follow_up) {
        this.announcement = `New question: ${view.questions.at(-1).text}`;
      }
      const wasMade = before.plan.state === "making" || !before.plan.id; // else an earlier one was brought back
      if (view.plan.id && view.plan.id !== before.plan.id && wasMade) {
        this.announcement = "The plan is ready";
        // Whoever went elsewhere while it was made stays there.
        const show = { label: "Show it", run: () => (this.tab = "plan") };
        if (this.tab !== "plan") toast("The plan is ready.", { action: show });
      }
      if (view.state === "finished" && before.state === "thinking") this.announcement = "The questions are over";
    },

    // Answers

    typed(text) {
      const { id, answer } = this.question;
      const base = this.texts[id]?.base ?? answer?.version ?? 0;
      this.texts[id] = { text, base };
      // A save that is under way keeps its own words until it has arrived.
      if (!this.state.sending[id]) this.store.drafts.keep(id, { text, base });
    },
    async answer(text) {
      const { id, answer } = this.question;
      const base = answer?.version ?? 0;
      this.texts[id] = { text, base };
      const wasCurrent = id === this.view.current;
      const saved = await this.store.answer(id, text, base);
      if (!saved) {
        this.shown = id;
        return;
      }
      if (this.texts[id]?.text === text) delete this.texts[id];
      if (this.question && this.question.id !== id && this.shown !== id) return;
      if (this.fromReview) {
        this.shown = null;
        this.tab = "review";
      } else if (wasCurrent) this.shown = null;
      else this.step(1);
    },
    takeStored() {
      const { id } = this.question;
      delete this.texts[id];
      this.store.drafts.forget(id);
      this.shown = null;
    },
    show(id) {
      this.shown = id === this.view.current ? null : id;
    },
    step(by) {
      const ids = this.view.questions.map((question) => question.id);
      const at = this.question ? ids.indexOf(this.question.id) : ids.length;
      const to = ids[at + by];
      if (to) this.show(to);
      else if (by > 0) this.shown = null;
    },
    editFromReview(id) {
      this.tab = "questions";
      this.show(id);
      this.$nextTick(() => (this.fromReview = true));
    },
    resumeQuestions() {
      this.shown = null;
      this.tab = "questions";
    },

    // What the server does

    start() {
      return this.attempt(() => this.store.start());
    },
    async askAgain() {
      if (await this.goTo("questions", () => this.store.askAgain())) this.shown = null;
    },
    async finish() {
      if (await this.goTo("review", () => this.store.finish())) this.shown = null;
    },
    makePlan() {
      return this.goTo("plan", () => this.store.wantPlan());
    },
    /** Do `work`, then show `tab`, unless it failed or the writer went elsewhere meanwhile. */
    async goTo(tab, work) {
      const from = this.tab;
      const went = (await this.attempt(work)) && this.tab === from;
      if (went) this.tab = tab;
      return went;
    },

    onKey(event) {
      if (!this.view || this.view.state === "not-started" || event.target.closest("dialog, [popover]")) return;
      const writing = event.target.closest("input, textarea, select");
      if (event.altKey && !event.ctrlKey && !event.metaKey && this.tab === "questions") {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by) this.step(by);
        else if (event.code === "KeyS" && this.question && !this.question.answer) this.answer("");
        else return;
        event.preventDefault();
      } else if (!writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
        if (event.key === "?") this.helping = true;
        else if (["1", "2", "3"].includes(event.key)) this.tab = this.parts[event.key - 1].id;
        else return;
        event.preventDefault();
      }
    },
  },
};
