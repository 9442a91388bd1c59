// Every question with its answer, to read again and to correct.

import Patience from "/static/interview/patience.js";

export default {
  components: { Patience },
  props: { view: { type: Object, required: true }, busy: Boolean },
  emits: ["edit", "plan", "more", "resume", "show-plan"],
  template: `
    <section class="review" aria-label="Review">
      <header>
        <h2>{{ heading }}</h2>
        <p class="soft">{{ told }}</p>
        <div class="actions">
          <template v-if="view.state === 'finished'">
            <button v-if="making" type="button" class="button primary" disabled><span class="spinner"></span>Making the plan…</button>
            <button v-else-if="view.plan.id && !view.plan.stale" type="button" class="button primary" @click="$emit('show-plan')">See the plan</button>
            <button v-else type="button" class="button primary" :disabled="busy" @click="$emit('plan')">{{ view.plan.id ? "Make a new plan" : "Make the plan" }}</button>
            <button v-if="view.can_ask_more" type="button" class="button" :disabled="busy" @click="$emit('more')">Ask me more</button>
          </template>
          <button v-else type="button" class="button primary" @click="$emit('resume')">Go on with the questions</button>
        </div>
        <div v-if="view.plan.failure && view.plan.state === 'failed'" class="notice" role="alert">
          <p><strong>No plan was made.</strong> {{ view.plan.failure }}</p>
          <button type="button" class="button small" :disabled="busy" @click="$emit('plan')">Try again</button></div>
        <Patience v-if="making" :since="view.plan.making_since" :trouble="view.plan.trouble" :busy="busy" what="Start over"
          @again="$emit('plan')"/>
      </header>
      <ol>
        <li v-for="question in view.questions" :key="question.id" :class="{ open: !question.answer || question.answer.skipped }">
          <div class="said">
            <h3>{{ question.text }}</h3>
            <p v-if="question.answer && !question.answer.skipped" class="text">{{ question.answer.text }}</p>
            <p v-else class="soft">{{ question.answer ? "Skipped" : "Not answered yet" }}</p>
          </div>
          <button type="button" class="button small plain" :aria-label="label(question)" @click="$emit('edit', question.id)">
            {{ question.answer && !question.answer.skipped ? "Edit" : "Answer" }}</button>
        </li>
      </ol>
    </section>`,
  computed: {
    making() {
      return this.view.plan.state === "making";
    },
    skipped() {
      return this.view.questions.filter((question) => question.answer?.skipped).length;
    },
    heading() {
      return this.view.state === "finished" ? "Read it through" : "Your answers so far";
    },
    told() {
      const one = this.skipped === 1;
      const left = this.skipped
        ? ` ${this.skipped} ${one ? "question was" : "questions were"} skipped; the plan takes ${one ? "it" : "them"} up as open.`
        : "";
      if (this.view.state !== "finished") return `Everything you say is saved.${left}`;
      return `Correct what you like; the plan is made of these answers.${left}`;
    },
  },
  methods: {
    label(question) {
      return `${question.answer ? "Edit the answer" : "Answer"}: ${question.text}`;
    },
  },
};
