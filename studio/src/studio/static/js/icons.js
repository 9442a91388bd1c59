// The few signs that Studio uses, drawn for it on a grid of 24.

const PATHS = {
  plus: "M12 5v14M5 12h14",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  up: "M12 19V6M6 11l6-6 6 6",
  down: "M12 5v13M6 13l6 6 6-6",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  scenes: "M4 6h16M4 12h16M4 18h10",
  cards: "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",
  summary: "M5 4h11l3 3v13H5zM8 10h8M8 14h8M8 18h4",
  pen: "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3",
  upload: "M12 16V4M7 9l5-5 5 5M4 20h16",
  download: "M12 4v12M7 11l5 5 5-5M4 20h16",
  star: "M12 4l2.4 5.2 5.6.7-4.1 3.9 1 5.6-4.9-2.8-4.9 2.8 1-5.6L4 9.9l5.6-.7z",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
};

/** A decorative icon; the control that holds it carries the label. */
export default {
  props: { name: { type: String, required: true } },
  computed: {
    heavy() {
      return this.name === "more"; // dots
    },
    path() {
      return PATHS[this.name];
    },
  },
  template: `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" :stroke-width="heavy ? 3 : 1.75"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path :d="path"/></svg>`,
};
