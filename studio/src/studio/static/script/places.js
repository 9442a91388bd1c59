// Where the writer was: the scene for the next visit, the caret for a reload of this window.

const lastKey = (project) => `studio.place.${project}`;

/** Remember {id, caret}. */
export function remember(project, place) {
  try {
    localStorage.setItem(lastKey(project), JSON.stringify({ id: place.id }));
    sessionStorage.setItem(lastKey(project), JSON.stringify(place));
  } catch {
    // A convenience only: without storage the script opens at its first scene.
  }
}

/** Return what `remember` was told, or null. The caret is only remembered within one window. */
export function recall(project) {
  try {
    const key = lastKey(project);
    return JSON.parse(sessionStorage.getItem(key) ?? localStorage.getItem(key));
  } catch {
    return null;
  }
}
