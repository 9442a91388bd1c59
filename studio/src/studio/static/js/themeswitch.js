// The switch between light and dark; `theme.js` does the work, from before the page is built.

export default {
  template: `
    <button type="button" class="icon" data-theme-switch aria-label="Dark theme" title="Light or dark">
      <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" aria-hidden="true">
        <circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/></svg>
    </button>`,
  mounted() {
    window.applyStudioTheme();
  },
};
