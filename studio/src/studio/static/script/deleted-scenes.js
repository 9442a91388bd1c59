// The scenes that were deleted, each of which can come back.

import Dialog from "/static/js/dialog.js";
import { Problem } from "/static/js/api.js";
import { firstWords } from "/static/script/words.js";

export default {
  components: { Dialog },
  props: { open: Boolean, store: { type: Object, required: true } },
  emits: ["close", "restored"],
  data: () => ({ scenes: null, failure: "" }),
  template: `
    <Dialog :open="open" label="Deleted scenes" @close="$emit('close')">
      <form method="dialog">
        <h2>Deleted scenes</h2>
        <p v-if="failure" class="notice" role="alert">{{ failure }}</p>
        <p v-else-if="!scenes" class="loading" role="status"><span class="spinner"></span> Looking…</p>
        <p v-else-if="!scenes.length">Nothing was deleted from this script.</p>
        <ul v-else class="deleted-scenes">
          <li v-for="scene in scenes" :key="scene.id">
            <div><strong class="slugline">{{ scene.slugline || "Untitled scene" }}</strong>
              <p>{{ firstWords(scene.text, 90) }}</p></div>
            <button type="button" class="button small" :aria-label="'Restore ' + scene.slugline"
              @click="restore(scene)">Restore</button>
          </li>
        </ul>
        <div class="actions"><button type="submit" class="button" autofocus>Close</button></div>
      </form>
    </Dialog>`,
  watch: {
    open(open) {
      if (open) this.load();
    },
  },
  methods: {
    firstWords,
    async attempt(work) {
      this.failure = "";
      try {
        await work();
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.failure = error.message;
      }
    },
    load() {
      this.scenes = null;
      return this.attempt(async () => {
        this.scenes = await this.store.deletedScenes();
      });
    },
    restore(scene) {
      return this.attempt(async () => {
        const back = await this.store.restoreScene(scene.id);
        this.$emit("close");
        this.$emit("restored", back);
      });
    },
  },
};
