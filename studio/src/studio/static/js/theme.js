// Light or dark: the system decides until the writer does, and the choice is remembered.
// Runs in the head, before the first paint, so that a dark room never sees a white flash.
(() => {
  const KEY = "studio.theme";
  const system = matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be blocked; the system's choice still works
    }
  }

  function apply() {
    const theme = chosen() ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.setAttribute("aria-pressed", String(theme === "dark"));
    }
  }

  function choose(theme) {
    try {
      if (theme === (system.matches ? "dark" : "light")) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      document.documentElement.dataset.theme = theme;
      return;
    }
    apply();
  }

  system.addEventListener("change", apply);
  addEventListener("storage", (event) => event.key === KEY && apply());
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-switch]")) return;
    choose(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  });
  window.applyStudioTheme = apply;
  apply();
})();
