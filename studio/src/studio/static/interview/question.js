// One question: what is asked and why, and the answer that is being written.

import Icon from "/static/js/icons.js";

export default {
  components: { Icon },
  props: {
    question: { type: Object, required: true },
    text: { type: String, required: true },
    /** Another window answered this question, or changed its answer, while this text was written. */
    clash: Boolean,
    sending: Boolean,
    refused: { type: String, default: "" },
    away: { type: String, default: "" },
    total: { type: Number, required: true },
    longest: { type: Number, required: true },
    hasNext: Boolean,
  },
  emits: ["typed", "answer", "skip", "step", "take-stored", "finish"],
  template: `
    <article class="question" :aria-labelledby="'question-' + question.id">
      <header>
        <p class="soft">{{ question.follow_up ? "Question of the model" : "Question " + question.number + " of " + total }}
          <span v-if="answered" class="mark fine">{{ question.answer.skipped ? "skipped" : "answered" }}</span></p>
        <h2 :id="'question-' + question.id">{{ question.text }}</h2>
        <p v-if="question.why" class="why">{{ question.why }}</p>
        <p v-else-if="question.hint" :id="'hint-' + question.id" class="hint">{{ question.hint }}</p>
      </header>
      <form @submit.prevent="submit">
        <label class="visually-hidden" :for="'answer-' + question.id">Your answer</label>
        <textarea :id="'answer-' + question.id" ref="text" class="input answer" :rows="question.id === 'title' ? 1 : 5"
          :value="text" :maxlength="longest" :aria-describedby="question.hint ? 'hint-' + question.id : null"
          :aria-invalid="refused ? 'true' : null" placeholder="Your answer" @input="$emit('typed', $event.target.value)"
          @keydown="onKey"></textarea>
        <div v-if="clash" class="notice calm" role="alert"><div>
          <p><strong>Answered in another window meanwhile.</strong>
            {{ question.answer.skipped ? "It was skipped there." : "This is stored:" }}</p>
          <blockquote v-if="!question.answer.skipped">{{ question.answer.text }}</blockquote>
          <div class="actions">
            <button type="button" class="button small" @click="$emit('take-stored')">Take that answer</button>
            <button type="button" class="button small primary" @click="$emit('answer', text)">Replace it with mine</button>
          </div></div></div>
        <div v-if="refused" class="notice" role="alert"><p><strong>Not saved.</strong> {{ refused }}</p></div>
        <p v-if="sending && away" class="waiting" role="status"><span class="spinner"></span>
          Studio is away. Your answer is kept in this browser, and sent as soon as Studio is back.</p>
        <div class="actions">
          <button type="button" class="button plain" :disabled="question.number === 1" @click="$emit('step', -1)">
            <Icon name="left"/>Back</button>
          <span class="gap"></span>
          <button v-if="question.follow_up && !answered" type="button" class="button plain" @click="$emit('finish')">
            Enough questions</button>
          <button v-if="!answered" type="button" class="button" :disabled="sending" title="Alt+S" @click="$emit('skip')">
            Skip</button>
          <button v-if="answered && hasNext" type="button" class="button" @click="$emit('step', 1)">Next<Icon name="right"/></button>
          <button v-if="!clash" type="submit" class="button primary" :disabled="sending || (answered && !changed)"
            title="Ctrl+Enter"><span v-if="sending" class="spinner"></span>{{ answered ? "Save the change" : "Answer" }}</button>
        </div>
      </form>
    </article>`,
  computed: {
    answered() {
      return this.question.answer !== null;
    },
    changed() {
      return this.answered && this.text !== this.question.answer.text;
    },
  },
  watch: {
    "question.id": {
      flush: "post",
      handler: "focus",
    },
    text: { flush: "post", handler: "grow" },
  },
  mounted() {
    this.focus();
  },
  methods: {
    focus() {
      this.grow();
      const field = this.$refs.text;
      field.focus({ preventScroll: true });
      field.setSelectionRange(field.value.length, field.value.length);
    },
    grow() {
      const field = this.$refs.text;
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight + 2}px`;
    },
    submit() {
      if (this.sending || this.clash) return;
      if (this.answered && !this.changed) this.$emit("step", 1);
      else if (this.text.trim() || this.answered) this.$emit("answer", this.text);
      else this.focus();
    },
    onKey(event) {
      const oneLine = this.question.id === "title" && !event.shiftKey;
      if (event.key === "Enter" && !event.isComposing && (event.ctrlKey || event.metaKey || oneLine)) {
        event.preventDefault();
        this.submit();
      }
    },
  },
};
