// Going through the images with the arrow keys: in reading order sideways, to the nearest one up and down.

/** The tile that an arrow key leads to from `tile`, or null at the edge. */
export function neighbour(root, tile, key) {
  const tiles = [...root.querySelectorAll(".board-scenes .tile")];
  const at = tiles.indexOf(tile);
  if (key === "ArrowLeft") return tiles[at - 1] ?? null;
  if (key === "ArrowRight") return tiles[at + 1] ?? null;
  if (key === "Home") return tiles[0];
  if (key === "End") return tiles.at(-1);
  const here = tile.getBoundingClientRect();
  const down = key === "ArrowDown";
  const beyond = tiles
    .map((other) => ({ other, box: other.getBoundingClientRect() }))
    .filter(({ box }) => (down ? box.top >= here.bottom - 1 : box.bottom <= here.top + 1));
  if (!beyond.length) return null;
  const row = beyond.reduce((best, { box }) => (down ? Math.min(best, box.top) : Math.max(best, box.top)), down ? Infinity : -Infinity);
  const inRow = beyond.filter(({ box }) => Math.abs(box.top - row) < 4);
  const far = ({ box }) => Math.abs(box.left - here.left);
  return inRow.reduce((best, one) => (far(one) < far(best) ? one : best)).other;
}
