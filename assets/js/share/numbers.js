/** The numbers behind a figure as a file: every trace as columns. */

import { ServerError } from "../lib/net.js";

/** @import { DataKind, FigureAnswer } from "../contract.js" */

/** @typedef {{ name: string, values: (number | string | null)[] }} Column */

/** @param {any} values of a trace, or the numbers that Plotly packs */
function plain(values) {
  if (!values?.bdata) return Array.from(values || []);
  const bytes = Uint8Array.from(atob(values.bdata), (one) => one.charCodeAt(0)).buffer;
  const kinds = {
    i1: Int8Array,
    u1: Uint8Array,
    i2: Int16Array,
    u2: Uint16Array,
    i4: Int32Array,
    u4: Uint32Array,
    f4: Float32Array,
    f8: Float64Array,
  };
  const Kind = kinds[/** @type {keyof typeof kinds} */ (values.dtype)];
  return Array.from(new Kind(bytes));
}

/**
 * @param {any} trace
 * @returns {Column[]}
 */
function columnsOf(trace) {
  if (trace.type !== "heatmap") {
    return ["x", "y"].map((name) => ({ name, values: plain(trace[name]) }));
  }
  const width = trace.z[0]?.length || 0;
  const flat = trace.z.flat();
  const xs = trace.x ? plain(trace.x) : null;
  const ys = trace.y ? plain(trace.y) : null;
  return [
    {
      name: "y",
      values: flat.map((/** @type {number} */ _, /** @type {number} */ i) =>
        ys ? ys[Math.floor(i / width)] : Math.floor(i / width),
      ),
    },
    {
      name: "x",
      values: flat.map((/** @type {number} */ _, /** @type {number} */ i) =>
        xs ? xs[i % width] : i % width,
      ),
    },
    { name: "value", values: flat },
  ];
}

/** @param {number | string | null} cell */
const written = (cell) =>
  typeof cell === "string" && /[",\n]/.test(cell)
    ? `"${cell.replaceAll('"', '""')}"`
    : (cell ?? "");

/**
 * @param {FigureAnswer} answer
 * @param {DataKind} kind
 * @param {string} precision of the numbers, in words
 */
export function numbersOf({ figure, step }, kind, precision) {
  const traces = figure.data.map((trace, i) => ({
    trace: trace.name || `trace ${i}`,
    columns: columnsOf(trace),
  }));
  const titles = {
    x: figure.layout.xaxis?.title?.text || "x",
    y: figure.layout.yaxis?.title?.text || "y",
    value: figure.data[0]?.colorbar?.title?.text || "value",
  };
  const provenance = { ...figure.layout.meta, epoch: step, precision };
  if (kind === "json") {
    const text = JSON.stringify({ provenance, titles, traces });
    return new Blob([text], { type: "application/json" });
  }
  if (kind !== "csv") throw new ServerError("A file to share saves numbers as CSV or JSON.", 400);
  const names =
    traces[0]?.columns.map(({ name }) => titles[/** @type {"x" | "y" | "value"} */ (name)]) || [];
  const lines = [["trace", ...names, "provenance"].map(written).join(",")];
  for (const { trace, columns } of traces) {
    for (const i of columns[0].values.keys()) {
      const cells = [trace, ...columns.map(({ values }) => values[i])];
      const told = lines.length === 1 ? JSON.stringify(provenance) : "";
      lines.push([...cells, told].map(written).join(","));
    }
  }
  return new Blob([`${lines.join("\n")}\n`], { type: "text/csv" });
}
