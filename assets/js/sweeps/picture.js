/** A picture of a sweep as something to save; the server makes it anew for the file. */

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
      const { about, figure, title, height } = answer;
      const width = panel.querySelector(".js-plotly-plot")?.clientWidth || panel.clientWidth;
      const { margin } = figure.layout;
      const permalink = new URL(appUrl(answer.origin.permalink), window.location.href).href;
      const origin = { ...answer.origin, permalink };
      const place = { width, height, margin };
      return { ...headed(figure, title, [about], place), origin, title: `${title}, ${about}` };
    },
    data: (kind) => getBlob(`${path}/data/${name}.${kind}?${queryString(readQuery())}`),
    permalink: () => window.location.href,
  };
}
