// A dialog that lists what the keyboard can do on a page: rows of group, keys and meaning.

import Dialog from "/static/js/dialog.js";

export function shortcuts(KEYS) {
  return {
    components: { Dialog },
    props: { open: Boolean },
    emits: ["close"],
    template: `
      <Dialog :open="open" label="Keyboard shortcuts" @close="$emit('close')">
        <form method="dialog">
          <h2 tabindex="-1" autofocus>Keyboard shortcuts</h2>
          <section v-for="group in groups" :key="group" class="shortcuts">
            <h3>{{ group }}</h3>
            <dl><template v-for="key in KEYS.filter((one) => one[0] === group)" :key="key[1]">
              <dt><kbd>{{ key[1] }}</kbd></dt><dd>{{ key[2] }}</dd></template></dl>
          </section>
          <div class="actions"><button type="submit" class="button primary">Close</button></div>
        </form>
      </Dialog>`,
    computed: {
      KEYS: () => KEYS,
      groups: () => [...new Set(KEYS.map((key) => key[0]))],
    },
  };
}
