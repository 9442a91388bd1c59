// The Projects page: a shelf of scripts, each shown as its title page.

import Dialog from "/static/js/dialog.js";
import Icon from "/static/js/icons.js";
import { Problem, call } from "/static/js/api.js";
import { outliveServer } from "/static/js/connection.js";
import { onceAtATime } from "/static/js/following.js";
import { complain, toast } from "/static/js/toasts.js";
import { forgetOrphan, orphans } from "/static/script/drafts.js";
import { printOf } from "/static/script/prints.js";
import ProjectCard from "/static/projects/card.js";
import DropZone from "/static/projects/drop-zone.js";

const PAGE = 48;
const GRACE = 1500;

/** What the server holds of the text that `draft` is of; "" when the text itself is gone, null with its project. */
async function storedText(draft) {
  try {
    const script = await call("GET", `/api/projects/${draft.project}/script`);
    if (draft.id === `preamble-${script.id}`) return script.preamble;
    return script.scenes.find((scene) => scene.id === draft.id)?.text ?? "";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.status === 404 ? null : "";
  }
}

export default {
  components: { Dialog, DropZone, Icon, ProjectCard },
  data: () => ({
    projects: [],
    deleted: [],
    total: 0,
    loading: true,
    failure: "",
    form: null, // {id?, title, description, problem, busy}
    unsent: [],
  }),
  template: `
    <div class="shelf-page">
      <div class="shelf-head">
        <div>
          <h1 id="projects-heading">Projects</h1>
          <p class="lead">Scripts on this machine. What you write is saved as you write it.</p>
        </div>
        <div class="shelf-tools">
          <button type="button" class="button" @click="$refs.drop.choose()"><Icon name="upload"/>Import</button>
          <button type="button" class="button primary" @click="create"><Icon name="plus"/>New project</button>
        </div>
      </div>

      <div v-for="draft in unsent" :key="draft.project" class="notice calm" role="status">
        <p><strong>Unsaved words.</strong> Something you typed in “{{ draft.name }}” had not reached Studio yet.
          <a :href="'/projects/' + draft.project">Open the script</a> to send it.</p>
      </div>

      <div v-if="failure" class="notice" role="alert">
        <p><strong>The projects cannot be shown.</strong> {{ failure }}</p>
        <button type="button" class="button small" @click="load">Try again</button>
      </div>

      <DropZone ref="drop" @imported="imported"/>

      <p v-if="loading" class="loading" role="status"><span class="spinner"></span> Fetching your projects…</p>
      <section v-else-if="!failure && !projects.length" class="empty" aria-label="No projects yet">
        <div class="blank-page" aria-hidden="true"><span>FADE IN:</span></div>
        <h2>An empty shelf</h2>
        <p>Start a new script, or drop a <code>.fountain</code> file anywhere on this page to bring one in.</p>
        <div class="actions">
          <button type="button" class="button primary" @click="create">Start a project</button>
          <button type="button" class="button" @click="$refs.drop.choose()">Import a script</button>
        </div>
      </section>

      <ul v-else class="shelf" aria-labelledby="projects-heading">
        <ProjectCard v-for="project in projects" :key="project.id" :project="project"
          @rename="rename(project)" @remove="remove(project)"/>
        <li class="blank-tile"><button type="button" @click="create"><Icon name="plus"/><span>New project</span>
          <small>or drop a script anywhere here</small></button></li>
      </ul>
      <p v-if="projects.length < total" class="more">
        <button type="button" class="button" @click="loadMore">Show more ({{ total - projects.length }})</button>
      </p>

      <details v-if="deleted.length" class="deleted">
        <summary>Recently deleted ({{ deleted.length }})</summary>
        <ul>
          <li v-for="project in deleted" :key="project.id">
            <span>{{ project.title }}</span>
            <button type="button" class="button small" :aria-label="'Restore ' + project.title"
              @click="restore(project)">Restore</button>
          </li>
        </ul>
      </details>

      <Dialog :open="!!form" :label="form?.id ? 'Rename project' : 'New project'" @close="close">
        <form @submit.prevent="save" novalidate>
          <h2>{{ form.id ? "Rename project" : "New project" }}</h2>
          <div v-if="form.problem" id="form-problem" class="notice" role="alert"><p>{{ form.problem }}</p></div>
          <div class="field">
            <label for="project-title">Title</label>
            <input id="project-title" class="input" v-model="form.title" maxlength="200" autocomplete="off" autofocus
              :aria-invalid="form.problem ? 'true' : null" :aria-describedby="form.problem ? 'form-problem' : null">
          </div>
          <div class="field">
            <label for="project-description">What is it about?</label>
            <textarea id="project-description" class="input" v-model="form.description" maxlength="20000"
              aria-describedby="description-hint"></textarea>
            <span id="description-hint" class="hint">Optional. A logline helps you find it again.</span>
          </div>
          <div class="actions">
            <button type="button" class="button plain" @click="close">Cancel</button>
            <button type="submit" class="button primary" :disabled="form.busy">
              <span v-if="form.busy" class="spinner"></span>{{ form.id ? "Save" : "Create and open" }}</button>
          </div>
        </form>
      </Dialog>
    </div>`,
  created() {
    this.unfinished = { title: "", description: "" };
    this.reading = onceAtATime(this.read);
  },
  mounted() {
    outliveServer();
    this.load();
    setTimeout(() => this.findUnsent(), GRACE);
    // Another window may have changed the shelf meanwhile.
    this.onShow = () => document.visibilityState === "visible" && this.load();
    document.addEventListener("visibilitychange", this.onShow);
  },
  unmounted() {
    document.removeEventListener("visibilitychange", this.onShow);
  },
  methods: {
    load() {
      return this.reading();
    },
    async read() {
      try {
        const limit = Math.max(PAGE, this.projects.length);
        const [shelf, bin] = await Promise.all([
          call("GET", `/api/projects?limit=${limit}`),
          call("GET", "/api/projects?deleted=true&limit=20"),
        ]);
        this.projects = shelf.items;
        this.total = shelf.total;
        this.deleted = bin.items;
        this.failure = "";
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.failure = error.message;
      } finally {
        this.loading = false;
      }
    },
    async loadMore() {
      await this.attempt(async () => {
        const next = await call("GET", `/api/projects?limit=${PAGE}&offset=${this.projects.length}`);
        const known = new Set(this.projects.map((project) => project.id));
        this.projects.push(...next.items.filter((project) => !known.has(project.id)));
        this.total = next.total;
      });
    },
    /** Find drafts whose words the server does not hold. Words sent while a page was left may still be arriving. */
    async findUnsent() {
      const unsent = new Map();
      for (const draft of await orphans()) {
        const stored = await storedText(draft);
        if (stored === null) continue; // its project was deleted; the draft waits for it to be restored
        if (printOf(stored) === printOf(draft.text)) forgetOrphan(draft);
        else unsent.set(draft.project, draft);
      }
      this.unsent = [...unsent.values()];
    },
    async attempt(work) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        complain(error);
        return undefined;
      }
    },
    create() {
      this.form = { id: null, ...this.unfinished, problem: "", busy: false };
    },
    rename(project) {
      this.form = { id: project.id, title: project.title, description: project.description, problem: "", busy: false };
    },
    close() {
      if (!this.form) return;
      // Closing a half-written form by mistake must not cost what was typed.
      if (!this.form.id) this.unfinished = { title: this.form.title, description: this.form.description };
      this.form = null;
    },
    async save() {
      const form = this.form;
      if (!form.title.trim()) {
        form.problem = "Give the project a title; you can change it later.";
        document.getElementById("project-title").focus();
        return;
      }
      form.busy = true;
      const json = { title: form.title.trim(), description: form.description };
      try {
        if (form.id) {
          await call("PATCH", `/api/projects/${form.id}`, { json });
          if (this.form === form) this.form = null;
          await this.load();
        } else {
          const project = await call("POST", "/api/projects", { json });
          this.unfinished = { title: "", description: "" };
          if (this.form === form) location.assign(`/projects/${project.id}`);
          else await this.load();
        }
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        form.problem = error.message;
        form.busy = false;
      }
    },
    async remove(project) {
      await this.attempt(async () => {
        await call("DELETE", `/api/projects/${project.id}`);
        toast(`“${project.title}” was deleted.`, { action: { label: "Undo", run: () => this.restore(project) } });
        await this.load();
        document.getElementById("content")?.focus();
      });
    },
    async restore(project) {
      await this.attempt(async () => {
        await call("POST", `/api/projects/${project.id}/restore`);
        await this.load();
        toast(`“${project.title}” is back.`);
      });
    },
    async imported(project) {
      await this.load();
      const scenes = project.scene_count === 1 ? "1 scene" : `${project.scene_count} scenes`;
      toast(`Imported “${project.title}”, ${scenes}.`, {
        action: { label: "Open", run: () => location.assign(`/projects/${project.id}`) },
      });
    },
  },
};
