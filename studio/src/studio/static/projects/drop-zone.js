// Importing by dropping files anywhere on the page, or by choosing them.

import { Problem, call } from "/static/js/api.js";

const LIMIT = 20; // MB
const PROJECT_LIMIT = 100; // with its images
const KINDS = /\.(?:fountain|spmd|txt|json)$/i;

const isFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

export default {
  emits: ["imported"],
  data: () => ({ over: false, busy: "", problems: [] }),
  template: `
    <div class="drop-zone">
      <input ref="input" type="file" class="visually-hidden" tabindex="-1" multiple aria-label="Script to import"
        accept=".fountain,.spmd,.txt,.json" @change="take($event.target.files)">
      <div v-if="over" class="drop-veil" aria-hidden="true"><p>Drop the script here</p></div>
      <p v-if="busy" class="loading" role="status"><span class="spinner"></span> Importing {{ busy }}…</p>
      <div v-for="(problem, index) in problems" :key="index" class="notice" role="alert">
        <p><strong>“{{ problem.name }}” was not imported.</strong> {{ problem.message }}</p>
        <button type="button" class="button small plain" @click="problems.splice(index, 1)">Dismiss</button>
      </div>
    </div>`,
  mounted() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    let depth = 0; // dragenter and dragleave come in pairs for every element on the way
    const enter = (event) => isFiles(event) && (event.preventDefault(), (depth += 1), (this.over = true));
    const leave = (event) => isFiles(event) && (depth = Math.max(0, depth - 1)) === 0 && (this.over = false);
    const drop = (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      depth = 0;
      this.over = false;
      this.take(event.dataTransfer.files);
    };
    addEventListener("dragenter", enter, { signal });
    addEventListener("dragleave", leave, { signal });
    addEventListener("dragover", (event) => isFiles(event) && event.preventDefault(), { signal });
    addEventListener("drop", drop, { signal });
  },
  unmounted() {
    this.listeners.abort();
  },
  methods: {
    choose() {
      this.$refs.input.click();
    },
    async take(files) {
      this.problems = [];
      for (const file of [...files]) await this.send(file);
      this.$refs.input.value = ""; // choosing the same file again is a new import
    },
    async send(file) {
      const name = file.name;
      if (!KINDS.test(name)) {
        this.problems.push({ name, message: "Studio reads Fountain (.fountain, .txt) and its own projects (.json)." });
        return;
      }
      const size = file.size / 1024 / 1024;
      const limit = /\.json$/i.test(name) ? PROJECT_LIMIT : LIMIT;
      if (size > limit) {
        const message = `It is ${Math.ceil(size)} MB; Studio takes files up to ${limit} MB. Split it and try again.`;
        this.problems.push({ name, message });
        return;
      }
      this.busy = name;
      try {
        const body = new FormData();
        body.append("file", file, name);
        this.$emit("imported", await call("POST", "/api/projects/import", { body, seconds: 120 }));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.problems.push({ name, message: error.message });
      } finally {
        this.busy = "";
      }
    },
  },
};
