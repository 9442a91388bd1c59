// Short messages at the foot of the page, read out by screen readers, with an optional action such as Undo.

const LIFE = 8000;
const LIFE_WITH_ACTION = 14000;

function shelf() {
  let element = document.querySelector(".toasts");
  if (!element) {
    element = document.createElement("div");
    element.className = "toasts";
    element.setAttribute("role", "status");
    element.popover = "manual"; // in the top layer, so that a dialog does not cover it
    document.body.append(element);
  }
  if (element.matches(":popover-open")) element.hidePopover();
  element.showPopover();
  return element;
}

function button(label, className, onClick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = label;
  element.addEventListener("click", onClick);
  return element;
}

let undo = null;

// Undo where it is expected: by Ctrl+Z, unless the focus is in a text, which has an undo of its own.
document.addEventListener("keydown", (event) => {
  const wanted = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (!wanted || !undo || event.target.closest?.("input, textarea, [contenteditable]")) return;
  event.preventDefault();
  undo();
});

/** Show `message`; `action` is {label, run}. Returns a function that takes the message away. */
export function toast(message, { action = null, problem = false, stay = false } = {}) {
  const element = document.createElement("div");
  element.className = problem ? "toast problem" : "toast";
  const text = document.createElement("p");
  text.textContent = message;
  element.append(text);

  let timer;
  const act = () => {
    close();
    action.run();
  };
  const close = () => {
    clearTimeout(timer);
    element.remove();
    if (undo === act) undo = null;
  };
  const wait = () => {
    clearTimeout(timer);
    if (!stay) timer = setTimeout(close, action ? LIFE_WITH_ACTION : LIFE);
  };
  if (action) {
    element.append(button(action.label, "act", act));
    if (action.label === "Undo") undo = act;
  }
  const dismiss = button("✕", "", close);
  dismiss.setAttribute("aria-label", "Dismiss");
  element.append(dismiss);

  // Reading or reaching for the button must not be a race.
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("pointerleave", wait);
  element.addEventListener("focusin", () => clearTimeout(timer));
  element.addEventListener("focusout", wait);
  shelf().append(element);
  wait();
  return close;
}

/** Show what went wrong. */
export function complain(error) {
  return toast(error.message || "Something went wrong. Try again in a moment.", { problem: true });
}
