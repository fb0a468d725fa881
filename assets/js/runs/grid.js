/**
 * The grid of the list of runs comes in a large script of its own, which a page loads when
 * it first shows one. Dash finds components by name: until then, this is the one it finds.
 */

const NAME = "dash_ag_grid";

/** @typedef {typeof window.dash_ag_grid} Grids */

/** @type {Promise<Grids> | null} */
let loading = null;

/** @returns {Promise<Grids>} */
function load() {
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address();
    const { AgGrid } = window[NAME];
    script.onload = () => {
      const loaded = window[NAME];
      // A component that changes its kind is made anew: what is found stays the same.
      window[NAME] = { ...loaded, AgGrid };
      resolve(loaded);
    };
    script.onerror = () => {
      loading = null;
      reject(new Error("The list of runs could not be loaded: reload the page."));
    };
    document.head.append(script);
  });
  return loading;
}

const address = () => document.querySelector("meta[name=grid]")?.getAttribute("content") || "";

/** Fetch the script; it can run once React is there. */
function fetchSoon() {
  const link = document.createElement("link");
  Object.assign(link, { rel: "preload", as: "script", href: address() });
  document.head.append(link);
  const run = () => {
    load().catch(() => {
      /* who draws the grid asks again, and tells */
    });
  };
  if (window.React) run();
  else document.addEventListener("DOMContentLoaded", run);
}

/**
 * Tell Dash of the grid, before it lays out the first page.
 * @param {boolean} [soon] whether the first page shows one
 */
export function offerGrid(soon = false) {
  /** @type {unknown} what React makes an element of */
  let kind = null;
  /** @param {Record<string, unknown>} properties */
  const AgGrid = (properties) => {
    const { React } = window;
    kind ||= React.lazy(async () => ({ default: (await load()).AgGrid }));
    const grid = React.createElement(kind, properties);
    return React.createElement(React.Suspense, { fallback: null }, grid);
  };
  window[NAME] = { AgGrid, getApiAsync: async (id) => (await load()).getApiAsync(id) };
  if (soon) fetchSoon();
}
