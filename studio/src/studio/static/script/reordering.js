// Dragging scenes to another place with a mouse, a pen or a finger, in a list or on a grid of cards.

const SLOP = 4; // pixels before a press becomes a drag
const EDGE = 48; // pixels from the edge where the list starts to scroll

/** Where an item dropped at (x, y) would go among `boxes`, in reading order. */
export function placeAt(boxes, x, y, grid) {
  const at = boxes.findIndex((box) =>
    grid ? y < box.top || (y < box.bottom && x < (box.left + box.right) / 2) : y < (box.top + box.bottom) / 2,
  );
  return at < 0 ? boxes.length : at;
}

class Drag {
  constructor(options, item, handle, event) {
    Object.assign(this, options, { item, handle });
    this.items = [...this.list.querySelectorAll(this.itemSelector)];
    this.from = this.items.indexOf(item);
    this.pointer = event.pointerId;
    this.start = { x: event.clientX, y: event.clientY };
    this.at = null;
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", (move) => this.move(move), { signal });
    handle.addEventListener("pointerup", () => this.end(true), { signal });
    handle.addEventListener("pointercancel", () => this.end(false), { signal });
    addEventListener("keydown", (key) => this.key(key), { signal, capture: true });
  }

  move(event) {
    const { clientX: x, clientY: y } = event;
    if (!this.ghost && Math.hypot(x - this.start.x, y - this.start.y) < SLOP) return;
    event.preventDefault();
    if (!this.ghost) this.lift();
    this.ghost.style.translate = `${x + 12}px ${y + 8}px`;
    this.scroll(y);
    const boxes = this.items.map((item) => item.getBoundingClientRect());
    this.at = placeAt(boxes, x, y, this.grid);
    this.point(boxes);
  }

  lift() {
    this.item.classList.add("lifted");
    this.ghost = document.createElement("div");
    this.ghost.className = "drag-ghost";
    this.ghost.textContent = this.nameOf(this.item);
    this.line = document.createElement("div");
    this.line.className = "drop-line";
    document.body.append(this.ghost, this.line);
    document.body.classList.add("dragging");
  }

  point(boxes) {
    const before = boxes[this.at];
    const box = before ?? boxes.at(-1);
    const { style } = this.line;
    if (this.grid) {
      style.cssText = `left:${before ? box.left - 8 : box.right + 5}px;top:${box.top}px;height:${box.height}px;width:3px`;
    } else {
      style.cssText = `left:${box.left}px;top:${before ? box.top - 2 : box.bottom - 1}px;width:${box.width}px;height:3px`;
    }
  }

  scroll(y) {
    const box = this.scroller.getBoundingClientRect();
    if (y < box.top + EDGE) this.scroller.scrollBy(0, -12);
    else if (y > box.bottom - EDGE) this.scroller.scrollBy(0, 12);
  }

  key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.end(false);
  }

  end(dropped) {
    this.listeners.abort();
    if (this.handle.hasPointerCapture(this.pointer)) this.handle.releasePointerCapture(this.pointer);
    this.item.classList.remove("lifted");
    this.ghost?.remove();
    this.line?.remove();
    document.body.classList.remove("dragging");
    if (!dropped || this.at === null) return;
    const to = this.at > this.from ? this.at - 1 : this.at;
    if (to !== this.from) this.onMove(this.from, to);
  }
}

/**
 * Let the items of `list` be dragged by their handles. `options`: itemSelector, handleSelector, grid, scroller,
 * nameOf(item), enabled(), onMove(from, to). Returns a function that ends it.
 */
export function reorderable(list, options) {
  const listeners = new AbortController();
  list.addEventListener(
    "pointerdown",
    (event) => {
      const handle = event.target.closest(options.handleSelector);
      const item = event.target.closest(options.itemSelector);
      if (event.button !== 0 || !handle || !item || !options.enabled()) return;
      event.preventDefault();
      new Drag({ ...options, list }, item, handle, event);
    },
    { signal: listeners.signal },
  );
  return () => listeners.abort();
}
