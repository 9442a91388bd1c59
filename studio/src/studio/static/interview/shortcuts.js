// What the keyboard can do on the Interview page.

import { shortcuts } from "/static/js/shortcuts.js";

export default shortcuts([
  ["Answers", "Ctrl+Enter", "Save the answer and go on"],
  ["Answers", "Alt+←, Alt+→", "The question before, the next one"],
  ["Answers", "Alt+S", "Skip the question"],
  ["Plan", "↑ ↓", "Go through the items"],
  ["Plan", "→ ←", "Open and close an item"],
  ["Plan", "Enter", "Write in the item"],
  ["Plan", "Space", "Tick it off"],
  ["Plan", "N", "New item behind it"],
  ["Plan", "B", "New item below it"],
  ["Plan", "Alt+↑, Alt+↓", "Move it"],
  ["Plan", "Del", "Remove it (it can be undone)"],
  ["Everywhere", "1, 2, 3", "Questions, review, plan"],
  ["Everywhere", "?", "This list"],
]);
