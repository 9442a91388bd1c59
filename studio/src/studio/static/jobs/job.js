// One job: what it does, for which project, how far it is, what went wrong, and what can be done about it.

import { ago, moment } from "/static/js/times.js";
import { Problem } from "/static/js/api.js";

const WORDS = {
  waiting: ["Waiting", "quiet"],
  running: ["Running", ""],
  done: ["Done", "fine"],
  dead: ["Failed", "danger"],
  cancelled: ["Cancelled", "quiet"],
};

export default {
  props: { job: { type: Object, required: true }, busy: Boolean, read: { type: Function, required: true } },
  emits: ["cancel", "retry"],
  data: () => ({ details: null, failure: "" }),
  template: `
    <li class="job" :class="job.state" :data-job="job.id">
      <div class="what">
        <span class="mark" :class="word[1]"><span v-if="job.state === 'running'" class="spinner"></span>{{ word[0] }}</span>
        <strong :id="'job-' + job.id">{{ job.title }}</strong>
        <a v-if="job.project_id" :href="'/projects/' + job.project_id">{{ job.project_title || "Untitled" }}</a>
      </div>
      <div class="when soft"><span :title="moment(when)">{{ timing }}</span></div>
      <div class="do">
        <button v-if="isActive" type="button" class="button small" :disabled="busy || job.cancel_requested"
          :aria-describedby="'job-' + job.id" @click="$emit('cancel', job)">{{
            job.cancel_requested ? "Stopping…" : "Cancel" }}</button>
        <button v-if="job.state !== 'running' && job.state !== 'done'" type="button" class="button small"
          :disabled="busy" :aria-describedby="'job-' + job.id" @click="$emit('retry', job)">{{
            job.state === "waiting" ? "Run now" : "Try again" }}</button>
      </div>
      <div v-if="share !== null || note" class="far">
        <div v-if="share !== null" class="progress" role="progressbar" :aria-labelledby="'job-' + job.id"
          :aria-valuenow="Math.round(share)" aria-valuemin="0" aria-valuemax="100"><span
            :style="{ width: share + '%' }"></span></div>
        <span class="soft">{{ note }}</span>
      </div>
      <p v-if="job.problem && !details" class="problem">{{ job.problem }}</p>
      <details class="more" @toggle="onToggle">
        <summary>Details<span class="visually-hidden"> of {{ job.title }}</span></summary>
        <p v-if="failure" class="problem" role="alert">{{ failure }}</p>
        <dl v-if="details">
          <dt>Job</dt><dd>{{ details.id }}, {{ details.handler }}</dd>
          <dt>Queue</dt><dd>{{ details.queue }}</dd>
          <dt>Attempts</dt><dd>{{ details.attempts }} of {{ details.max_attempts }}</dd>
          <dt>Enqueued</dt><dd>{{ moment(details.enqueued_at) }}</dd>
          <template v-if="details.worker"><dt>Worker</dt><dd>{{ details.worker }}</dd></template>
          <template v-if="hasResult"><dt>Result</dt><dd><code>{{ details.result }}</code></dd></template>
          <template v-if="details.error"><dt>Error</dt>
            <dd><pre tabindex="0" :aria-label="'Error of ' + job.title">{{ details.error }}</pre></dd></template>
        </dl>
      </details>
    </li>`,
  computed: {
    word() {
      return WORDS[this.job.state];
    },
    isActive() {
      return this.job.state === "waiting" || this.job.state === "running";
    },
    when() {
      const { job } = this;
      if (job.state === "waiting") return Date.parse(job.due_at) > Date.now() ? job.due_at : job.enqueued_at;
      return job.finished_at ?? job.started_at ?? job.enqueued_at;
    },
    timing() {
      const { job } = this;
      if (job.state === "running") return `since ${ago(job.started_at)}`.replace("since just now", "just begun");
      if (job.state !== "waiting") return ago(this.when);
      const tries = job.attempts ? `attempt ${job.attempts + 1} of ${job.max_attempts}, ` : "";
      return tries + (this.when === job.due_at ? ago(job.due_at).replace("just now", "in a moment") : "in line");
    },
    /** Percent, or null when the job does not say. */
    share() {
      const { progress } = this.job;
      if (this.job.state !== "running" || !progress?.total) return null;
      return Math.min(100, (100 * progress.done) / progress.total);
    },
    note() {
      const { progress } = this.job;
      if (this.job.state !== "running" || !progress) return "";
      const counted = progress.total ? `${progress.done} of ${progress.total} ` : "";
      return `${counted}${progress.note}`.trim();
    },
    hasResult() {
      return this.details.result !== null && this.details.result !== undefined;
    },
  },
  methods: {
    ...{ ago, moment },
    async onToggle(event) {
      this.failure = "";
      if (!event.target.open) {
        this.details = null;
        return;
      }
      try {
        this.details = await this.read(this.job);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.failure = error.message;
      }
    },
  },
};
