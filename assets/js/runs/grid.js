/** The one door to the grid of the list of runs. */

/** @typedef {any} GridApi of AG Grid */

const ID = "runs-grid";

/** @type {GridApi | null} */
let open = null;

/**
 * The grid of the page that has just opened, once it is there.
 * @returns {Promise<GridApi>}
 */
export async function openGrid() {
  open = await window.dash_ag_grid.getApiAsync(ID);
  return open;
}

/** @returns {GridApi | null} null until the grid is there */
export const grid = () => (open && !open.isDestroyed() ? open : null);
