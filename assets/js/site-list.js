/** The entry of the list of a site: it filters and sorts what is written in the page. */

import { queryString, readQuery, replaceQuery } from "./lib/address.js";
import { byId, closest, setText } from "./lib/dom.js";
import { toggleTheme } from "./lib/theme.js";
import { standIn } from "./share/host.js";
import { offerSorting } from "./site/sorting.js";
import { fits, queryOf, wantedOf } from "./site/table.js";

/** @import { Row } from "./site/table.js" */

/** @returns {HTMLSelectElement[]} */
const selects = () => [...document.querySelectorAll("select")].filter((one) => one.dataset.facet);

/**
 * @param {HTMLTableRowElement} row
 * @param {string[]} facets
 * @returns {Row}
 */
const rowOf = ({ dataset }, facets) => ({
  text: dataset.text || "",
  facets: Object.fromEntries(facets.map((name) => [name, dataset[name] || ""])),
  values: {},
});

function offerList() {
  const table = byId("site-runs");
  const search = byId("site-search");
  if (!(table instanceof HTMLTableElement && search instanceof HTMLInputElement)) return;
  const fields = selects();
  const names = fields.map((one) => one.dataset.facet || "");
  const wanted = wantedOf(readQuery(), names);
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, words: rowOf(row, names) }));

  function show() {
    let count = 0;
    for (const { row, words } of rows) {
      row.hidden = !fits(words, wanted);
      if (!row.hidden) count += 1;
    }
    const all = rows.length;
    const runs = all === 1 ? "run" : "runs";
    setText(byId("site-count"), count === all ? `${all} ${runs}` : `${count} of ${all} ${runs}`);
    const t = document.documentElement.dataset.bsTheme;
    const kept = readQuery().t ? { t } : {};
    replaceQuery(queryString({ ...queryOf(wanted), ...kept }));
  }

  search.value = wanted.query;
  search.addEventListener("input", () => {
    wanted.query = search.value;
    show();
  });
  fields.forEach((field, i) => {
    field.value = wanted.facets[names[i]];
    if (field.selectedIndex < 0) field.value = wanted.facets[names[i]] = "";
    field.addEventListener("change", () => {
      wanted.facets[names[i]] = field.value;
      show();
    });
  });
  offerSorting(table, wanted, (sorted) => {
    Object.assign(wanted, sorted);
    show();
  });
  show();
}

standIn();
document.addEventListener("click", ({ target }) => {
  if (closest(target, '[data-act="theme"]')) toggleTheme();
});
offerList();
