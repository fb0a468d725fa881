/** Choosing runs to compare: on the empty Compare page and in the list of runs. */

import { queryString } from "../lib/address.js";
import { byId, el, setText } from "../lib/dom.js";
import { navigate } from "../lib/navigation.js";
import { appUrl } from "../lib/net.js";
import { namesOf } from "./names.js";

/** @import { ComparePicker, RunRow } from "../contract.js" */

/** A button that compares runs once enough of them are chosen. */
class CompareButton {
  /** @type {string[]} */
  ids = [];

  /** @param {Pick<ComparePicker, "most" | "hint">} config */
  constructor({ most, hint }) {
    this.most = most;
    this.node = el("button", {
      type: "button",
      class: "tool primary",
      id: "compare-go",
      title: hint,
      onclick: () => navigate(appUrl(`/compare?${queryString({ runs: namesOf(this.ids) })}`)),
    });
    this.show([]);
  }

  /** @param {string[]} ids */
  show(ids) {
    this.ids = ids;
    this.node.disabled = ids.length < 2 || ids.length > this.most;
    setText(this.node, ids.length > 1 ? `Compare ${ids.length}` : "Compare");
  }
}

/**
 * Offer all runs on the Compare page that has none.
 * @param {ComparePicker} config
 */
export function offerRuns(config) {
  const { runs } = config;
  const box = byId("compare-picker");
  if (!box || !runs.length) return;
  const button = new CompareButton(config);
  const choices = runs.map(({ id, title }) => {
    const input = el("input", { type: "checkbox", value: id });
    const label = el(
      "label",
      {},
      input,
      title,
      el("span", { class: "quiet" }, title === id ? "" : id),
    );
    return { input, label };
  });
  box.addEventListener("change", () =>
    button.show(choices.filter((one) => one.input.checked).map((one) => one.input.value)),
  );
  box.replaceChildren(...choices.map((one) => one.label), button.node);
}

/**
 * The button beside the search field compares the rows that are ticked.
 * @param {any} api of the grid of runs
 * @param {Pick<ComparePicker, "most" | "hint">} config
 */
export function offerTicked(api, config) {
  const search = byId("runs-search");
  if (!search) return;
  const button = new CompareButton(config);
  button.node.hidden = true;
  search.before(button.node);
  api.addEventListener("selectionChanged", () => {
    /** @type {RunRow[]} */
    const rows = api.getSelectedRows();
    button.show(rows.filter((row) => !row.problem).map((row) => row.id));
    button.node.hidden = !button.ids.length;
  });
}
