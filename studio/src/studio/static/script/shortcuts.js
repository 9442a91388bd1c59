// What the keyboard can do on the Script page.

import { shortcuts } from "/static/js/shortcuts.js";

export default shortcuts([
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
]);
