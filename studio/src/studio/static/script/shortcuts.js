// What the keyboard can do on the Script page.

import Dialog from "/static/js/dialog.js";

const KEYS = [
  ["Writing", "Ctrl+1 … 6", "Make this line a heading, action, character, parenthetical, dialogue, transition"],
  ["Writing", "Ctrl+B, I, U", "Strong, soft or underlined words"],
  ["Writing", "Ctrl+S", "Save now (it saves by itself as well)"],
  ["Writing", "Alt+Page Up, Page Down", "Previous, next scene"],
  ["Writing", "Esc", "To the list of scenes"],
  ["Scenes", "↑ ↓ Home End", "Go through the scenes"],
  ["Scenes", "Enter", "Open the scene"],
  ["Scenes", "Alt+↑, Alt+↓", "Move the scene"],
  ["Scenes", "Del", "Delete the scene (it can be undone)"],
  ["Scenes", "Ctrl+Z", "Undo the last move or deletion"],
  ["Cards", "← → ↑ ↓", "Go through the cards"],
  ["Cards", "Alt+arrow", "Move the card"],
];

export default {
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
