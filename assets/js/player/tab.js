/** What the browser calls the tab. */

/** @import { Manifest } from "../contract.js" */

/**
 * Call the tab by the run first: many tabs differ by nothing else.
 * @param {{ manifest: Manifest }} session
 */
export function nameTab({ manifest: { title } }) {
  if (!document.title.startsWith(title)) document.title = `${title} · ${document.title}`;
}
