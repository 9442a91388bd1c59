// One project as the title page of its script.

import Menu from "/static/js/menu.js";
import { ago, moment } from "/static/js/times.js";

export default {
  components: { Menu },
  props: { project: { type: Object, required: true } },
  emits: ["rename", "remove"],
  template: `
    <li class="project" :data-project="project.id">
      <a class="title-page" :href="href" :aria-describedby="'about-' + project.id">
        <span class="brads" aria-hidden="true"></span>
        <span class="title">{{ project.title }}</span>
        <span v-if="project.description" class="logline">{{ project.description }}</span>
      </a>
      <div class="about">
        <p :id="'about-' + project.id">
          <span>{{ scenes }}</span> · <time :datetime="project.updated_at" :title="when">{{ since }}</time>
        </p>
        <Menu :label="'Actions for ' + project.title" :items="items" small/>
      </div>
    </li>`,
  computed: {
    href() {
      return `/projects/${this.project.id}`;
    },
    scenes() {
      const count = this.project.scene_count;
      return count === 0 ? "no scenes yet" : count === 1 ? "1 scene" : `${count} scenes`;
    },
    since() {
      return `edited ${ago(this.project.updated_at)}`;
    },
    when() {
      return moment(this.project.updated_at);
    },
    items() {
      const api = `/api/projects/${this.project.id}`;
      return [
        { label: "Open", run: () => location.assign(this.href) },
        { label: "Rename…", run: () => this.$emit("rename") },
        { divider: true },
        { label: "Export Fountain", href: `${api}/export.fountain`, download: "" },
        { label: "Print or save as PDF", href: `${api}/export.html` },
        { label: "Export project", hint: "JSON", href: `${api}/export.json`, download: "" },
        { divider: true },
        { label: "Delete", danger: true, run: () => this.$emit("remove") },
      ];
    },
  },
};
