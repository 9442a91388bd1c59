// The plan's tree as a list of rows, and where an item may go in it.

const BELOW = { epic: "story", story: "task", task: "subtask" };

/** What stands below an item of this kind, or undefined. */
export const kindBelow = (kind) => BELOW[kind];

/** The rows of the tree that are open: {item, level, parent, siblings, at}. `isOpen(item, level)` tells which are. */
export function rowsOf(items, isOpen, level = 1, parent = null) {
  return items.flatMap((item, at) => [
    { item, level, parent, siblings: items, at },
    ...(isOpen(item, level) ? rowsOf(item.children, isOpen, level + 1, item) : []),
  ]);
}

/** Every item with those below it. */
export const flat = (items) => items.flatMap((item) => [item, ...flat(item.children)]);

/** How many of the smallest parts below an item are done: [done, all]. */
export function progressOf(item) {
  const leaves = flat(item.children).filter((child) => !child.children.length);
  return [leaves.filter((leaf) => leaf.done).length, leaves.length];
}

/**
 * Where an item goes when it is moved one step up (-1) or down (1): {parent, after}, or null at the end of the plan. At
 * the edge of its siblings it goes over to the neighbouring parent.
 */
export function placeOf(row, by, rows) {
  const { item, siblings, at, parent } = row;
  const to = at + by;
  if (to >= 0 && to < siblings.length) {
    const after = by > 0 ? siblings[to] : siblings[to - 1];
    return { parent: parent?.id ?? null, after: after?.id ?? null };
  }
  if (!parent) return null;
  const parents = flat(rows).filter((other) => other.kind === parent.kind);
  const next = parents[parents.indexOf(parent) + by];
  if (!next) return null;
  const last = next.children.filter((child) => child.id !== item.id).at(-1);
  return { parent: next.id, after: by < 0 ? (last?.id ?? null) : null };
}
