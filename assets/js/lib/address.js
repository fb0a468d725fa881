/** Addresses within the app, and the part of them after "?". */

/**
 * Values as texts; what is empty is left out.
 * @param {Record<string, unknown>} values
 * @returns {Record<string, string>}
 */
export const texts = (values) =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .map(([name, value]) => [name, String(value)]),
  );

/**
 * Names and values as a query; what is empty is left out.
 * @param {Record<string, unknown>} values
 */
export const queryString = (values) => new URLSearchParams(texts(values)).toString();

/**
 * The page of a report, from the root of the app.
 * @param {string} name
 */
export const reportAddress = (name) => `/report/${encodeURIComponent(name)}`;

/**
 * The page of a run, from the root of the app.
 * @param {string} run
 * @param {string} [page] Explore if none is named
 */
export const runAddress = (run, page = "explore") =>
  `/run/${encodeURIComponent(run)}${page === "explore" ? "" : `/${page}`}`;

/**
 * The page of the stored arrays of a run, from the root of the app.
 * @param {string} run
 */
export const storeAddress = (run) => `/store/${encodeURIComponent(run)}`;

/** @returns {Record<string, string>} what the address of this page says */
export const readQuery = () => Object.fromEntries(new URLSearchParams(window.location.search));

/**
 * A query as people read it: a comma is legal there as it is.
 * @param {string} query
 */
export const readable = (query) => query.replaceAll("%2C", ",");

/**
 * Write a query into the address of this page; the history stays as long as it is.
 * @param {string} query
 */
export function replaceQuery(query) {
  const path = window.location.pathname + (query ? `?${readable(query)}` : "");
  if (path === window.location.pathname + window.location.search) return;
  window.history.replaceState(window.history.state, "", path);
}
