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
    script.src = document.querySelector("meta[name=grid]")?.getAttribute("content") || "";
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

/** Tell Dash of the grid, before it lays out the first page. */
export function offerGrid() {
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
}
