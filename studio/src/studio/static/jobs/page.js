// The Jobs page: how full the queues are, what runs and waits now, and how jobs ended.

import { markRaw } from "vue";
import { Problem } from "/static/js/api.js";
import { attempting } from "/static/js/attempting.js";
import { outliveServer } from "/static/js/connection.js";
import Away from "/static/js/away.js";
import Job from "/static/jobs/job.js";
import { FILTERS, openJobs } from "/static/jobs/store.js";

const QUEUES = ["urgent", "normal", "low"];

export default {
  components: { Away, Job },
  mixins: [attempting],
  data: () => ({ store: null, failure: "", announcement: "", filters: FILTERS }),
  template: `
    <div class="jobs-page">
      <Away :why="all?.away"/>
      <p class="visually-hidden" role="status" aria-live="polite">{{ announcement }}</p>
      <header>
        <h1>Jobs</h1>
        <p class="lead">What Studio does in the background. Each job begins when what it works on is saved, and goes on
          after a crash.</p>
      </header>

      <div v-if="failure" class="notice" role="alert">
        <p><strong>The jobs cannot be shown.</strong> {{ failure }}</p>
        <button type="button" class="button small" @click="start">Try again</button>
      </div>
      <p v-else-if="!all?.loaded" class="loading" role="status"><span class="spinner"></span> Looking for jobs…</p>

      <template v-else>
        <ul class="queues" aria-label="Queues">
          <li v-for="queue in queues" :key="queue.name" class="queue" :class="{ idle: !queue.running && !queue.waiting }">
            <h2>{{ queue.name }}</h2>
            <p><strong>{{ queue.running }}</strong> running <strong>{{ queue.waiting }}</strong> waiting</p>
            <span v-if="queue.dead" class="mark danger">{{ queue.dead }} failed</span>
          </li>
        </ul>

        <section aria-labelledby="now">
          <h2 id="now">Now</h2>
          <ul v-if="all.active.length" class="jobs">
            <Job v-for="job in all.active" :key="job.id" :job="job" :busy="busy" :read="store.details"
              @cancel="cancel" @retry="retry"/>
          </ul>
          <p v-else class="nothing">Nothing runs and nothing waits. Ask for images on a Storyboard page, or for a summary
            on a Script page, and watch it here.</p>
        </section>

        <section aria-labelledby="ended">
          <div class="section-head">
            <h2 id="ended">Ended</h2>
            <div class="segmented" role="group" aria-label="Which of them">
              <button v-for="filter in filters" :key="filter.name" type="button"
                :aria-pressed="String(all.filter.name === filter.name)" @click="narrow(filter)">{{ filter.name }}</button>
            </div>
          </div>
          <ul v-if="all.ended.length" class="jobs">
            <Job v-for="job in all.ended" :key="job.id" :job="job" :busy="busy" :read="store.details"
              @cancel="cancel" @retry="retry"/>
          </ul>
          <p v-else class="nothing">{{ nothingEnded }}</p>
          <p v-if="all.next" class="further"><button type="button" class="button" :disabled="busy"
            @click="attempt(store.readMore)">Show more</button></p>
        </section>
      </template>
    </div>`,
  computed: {
    all() {
      return this.store?.state ?? null;
    },
    queues() {
      const found = new Map(this.all.queues.map((queue) => [queue.name, queue.counts]));
      const names = [...new Set([...QUEUES, ...found.keys()])];
      return names.map((name) => ({ name, running: 0, waiting: 0, dead: 0, ...found.get(name) }));
    },
    nothingEnded() {
      const { name } = this.all.filter;
      return name === "All" ? "No job has ended yet." : `No job ${name === "Failed" ? "has failed" : `is ${name.toLowerCase()}`}.`;
    },
  },
  created() {
    this.store = markRaw(openJobs());
  },
  mounted() {
    outliveServer();
    addEventListener("pagehide", this.store.leave);
    this.start();
  },
  unmounted() {
    removeEventListener("pagehide", this.store.leave);
    this.store.leave();
  },
  methods: {
    async start() {
      this.failure = "";
      try {
        await this.store.load();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.failure = error.message;
        return;
      }
      this.store.follow();
    },
    narrow(filter) {
      return this.attempt(() => this.store.narrow(filter));
    },
    async cancel(job) {
      const done = await this.attempt(() => this.store.cancel(job));
      if (done) this.announcement = job.state === "running" ? `${job.title} is asked to stop` : `${job.title} is cancelled`;
    },
    async retry(job) {
      if (await this.attempt(() => this.store.retry(job))) this.announcement = `${job.title} is tried again`;
    },
  },
};
