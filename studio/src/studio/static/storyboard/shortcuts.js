// What the keyboard can do on the Storyboard page.

import { shortcuts } from "/static/js/shortcuts.js";

export default shortcuts([
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
]);
