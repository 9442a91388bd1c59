// What the keyboard can do on the Storyboard page.

import Dialog from "/static/js/dialog.js";

const KEYS = [
  ["Images", "← → ↑ ↓", "Go through the images"],
  ["Images", "Enter", "Look at the image and its details"],
  ["Images", "F", "Make it the scene's favourite, or not"],
  ["Images", "R", "Make it anew; the old one stays until then"],
  ["Images", "Del", "Discard it (it can be undone)"],
  ["Scenes", "G", "Make images of this scene"],
  ["Scenes", "Alt+↑, Alt+↓", "Move the scene"],
  ["Scenes", "Alt+Del", "Delete the scene (it can be undone)"],
  ["Everywhere", "Ctrl+Z", "Undo the last step"],
  ["Everywhere", "?", "This list"],
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
