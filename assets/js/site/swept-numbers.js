/** The numbers behind a picture of a sweep as a file. */

import { ServerError } from "../lib/net.js";

/** @import { DataKind } from "../contract.js" */

const NO_KIND = 400;

/** @param {string | number | boolean | null} cell */
const written = (cell) =>
  typeof cell === "string" && /[",\n]/.test(cell)
    ? `"${cell.replaceAll('"', '""')}"`
    : String(cell ?? "");

/**
 * @param {DataKind} kind
 * @param {Record<string, (string | number | boolean | null)[]>} arrays columns by title
 * @param {Record<string, unknown>} provenance
 * @returns {Promise<Blob>}
 */
export function tableAs(kind, arrays, provenance) {
  if (kind === "json") {
    const text = JSON.stringify({ provenance, arrays });
    return Promise.resolve(new Blob([text], { type: "application/json" }));
  }
  if (kind !== "csv")
    return Promise.reject(new ServerError("A site saves numbers as CSV or JSON.", NO_KIND));
  const names = Object.keys(arrays);
  const length = Math.max(0, ...names.map((name) => arrays[name].length));
  const lines = [[...names, "provenance"].map(written).join(",")];
  for (let i = 0; i < length; i++) {
    const told = i ? "" : JSON.stringify(provenance);
    lines.push([...names.map((name) => arrays[name][i] ?? null), told].map(written).join(","));
  }
  return Promise.resolve(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
}
