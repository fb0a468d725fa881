/**
 * A picture of a sweep as something to save; the server makes it anew for the file, but
 * one that is played is saved where it stands.
 */

import { queryString, readQuery } from "../lib/address.js";
import { appUrl, getBlob, getJson } from "../lib/net.js";
import { currentTheme } from "../lib/theme.js";
import { headed } from "../panel/headed.js";

/** @import { Savable } from "../panel/export.js" */

/**
 * @param {string} sweep
 * @param {HTMLElement} panel
 * @returns {Savable}
 */
export function savable(sweep, panel) {
  const name = panel.dataset.picture || "";
  /** @type {`/api/sweep/${string}`} */
  const path = `/api/sweep/${encodeURIComponent(sweep)}`;
  return {
    element: panel,
    heading: () => panel.querySelector("h2")?.textContent || name,
    fileName: (extension) => `${sweep}__${name}.${extension}`,
    async shot() {
      const query = queryString({ ...readQuery(), theme: currentTheme() });
      const answer = await getJson(`${path}/figure/${name}?${query}`);
      const { about, title, height } = answer;
      const plot = /** @type {PlotElement | null} */ (panel.querySelector(".js-plotly-plot"));
      const shown = panel.querySelector(".sweep-play-label")?.textContent || "";
      const figure = shown && plot ? { data: plot.data, layout: plot.layout } : answer.figure;
      const width = plot?.clientWidth || panel.clientWidth;
      const permalink = new URL(appUrl(answer.origin.permalink), window.location.href).href;
      const origin = { ...answer.origin, permalink, ...(shown && { shown }) };
      const place = { width, height, margin: figure.layout.margin };
      const words = shown ? `${about}; ${shown}` : about;
      return { ...headed(figure, title, [words], place), origin, title: `${title}, ${words}` };
    },
    data: (kind) => getBlob(`${path}/data/${name}.${kind}?${queryString(readQuery())}`),
    permalink: () => window.location.href,
    asked: () => ({ kind: "sweep", of: sweep, view: name, query: readQuery() }),
  };
}
