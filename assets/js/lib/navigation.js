/** Going to other pages of this app without loading it anew. */

/** @param {string} path */
export function navigate(path) {
  window.history.pushState({}, "", path);
  window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  window.scrollTo(0, 0);
}

/**
 * Follow a plain click on a link within the app; others are the browser's.
 * @param {MouseEvent} event
 * @param {string} path
 * @returns {boolean} whether it was followed
 */
export function follow(event, path) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return false;
  event.preventDefault();
  navigate(path);
  return true;
}
