/** Facets of the list of runs: what there is, how often, and a filter by it. */

import { replaceQuery } from "../lib/address.js";
import { byId, el, setText } from "../lib/dom.js";

/** @import { Facet as FacetName, FacetAbout, RunRow, RunsConfig } from "../contract.js" */

/** @type {Record<FacetName, (row: RunRow) => unknown[]>} */
const VALUES = {
  operation: (row) => [row.operation],
  p: (row) => [row.p],
  state: (row) => [row.state],
  outcome: (row) => [row.outcome],
  tag: (row) => row.tags,
};

const SOON_MS = 50;

/**
 * @param {RunRow} row
 * @param {FacetAbout} facet
 */
const valuesOf = (row, { name }) =>
  VALUES[name](row)
    .filter((one) => one !== null && one !== undefined && one !== "")
    .map(String);

/** What is ticked, by facet, and which rows that leaves. */
export class Choice {
  /** @type {Map<string, Set<string>>} */
  #wanted = new Map();

  /** @param {FacetAbout[]} facets */
  constructor(facets) {
    this.facets = facets;
  }

  /** @param {URLSearchParams} query */
  read(query) {
    this.#wanted = new Map(
      this.facets
        .filter(({ name }) => query.has(name))
        .map(({ name }) => [name, new Set(query.getAll(name))]),
    );
  }

  /** @param {URLSearchParams} query whose other names stay */
  write(query) {
    for (const { name } of this.facets) {
      query.delete(name);
      for (const one of this.#wanted.get(name) || []) query.append(name, one);
    }
  }

  get size() {
    return this.#wanted.size;
  }

  clear() {
    this.#wanted.clear();
  }

  /** @param {string} name of a facet */
  of(name) {
    return this.#wanted.get(name) || new Set();
  }

  /**
   * @param {string} name of a facet
   * @param {string} value
   * @param {boolean} on
   */
  set(name, value, on) {
    const wanted = new Set(this.of(name));
    if (on) wanted.add(value);
    else wanted.delete(value);
    if (wanted.size) this.#wanted.set(name, wanted);
    else this.#wanted.delete(name);
  }

  /**
   * @param {RunRow} row
   * @param {FacetAbout} [except] a facet that does not count
   */
  passes(row, except) {
    return this.facets.every((facet) => {
      const wanted = this.#wanted.get(facet.name);
      return facet === except || !wanted || valuesOf(row, facet).some((one) => wanted.has(one));
    });
  }

  /**
   * How many rows have each value of a facet, the other facets applied.
   * @param {RunRow[]} rows
   * @param {FacetAbout} facet
   * @returns {[string, number][]}
   */
  count(rows, facet) {
    const counts = new Map([...this.of(facet.name)].map((one) => [one, 0]));
    for (const row of rows) {
      if (!this.passes(row, facet)) continue;
      for (const one of valuesOf(row, facet)) counts.set(one, (counts.get(one) || 0) + 1);
    }
    return [...counts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
  }
}

/** The row of facets above the list, while the page is open. */
export class Facets {
  controller = new AbortController();
  place = /** @type {HTMLElement} */ (byId("runs-facets"));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  soon = undefined;

  /**
   * @param {GridApi} api of the list
   * @param {RunsConfig} config
   */
  constructor(api, config) {
    this.api = api;
    this.config = config;
    this.choice = new Choice(config.facets);
    this.choice.read(new URLSearchParams(window.location.search));
    api.setGridOption("isExternalFilterPresent", () => this.choice.size > 0);
    api.setGridOption("doesExternalFilterPass", (/** @type {GridNode} */ node) =>
      this.choice.passes(node.data),
    );
    api.addEventListener("modelUpdated", () => this.drawSoon());
    this.listen();
    api.onFilterChanged();
    this.draw();
  }

  listen() {
    const { signal } = this.controller;
    const elsewhere = (/** @type {Event} */ { target }) => {
      for (const one of this.open)
        if (!one.contains(/** @type {Node} */ (target))) one.open = false;
    };
    document.addEventListener("pointerdown", elsewhere, { signal });
    document.addEventListener("focusin", elsewhere, { signal });
    document.addEventListener(
      "keydown",
      (event) => {
        const [open] = this.open;
        if (event.key !== "Escape" || !open) return;
        open.open = false;
        open.querySelector("summary")?.focus();
      },
      { signal },
    );
  }

  /** @returns {HTMLDetailsElement[]} */
  get open() {
    return [...this.place.querySelectorAll("details")].filter((one) => one.open);
  }

  drawSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.draw(), SOON_MS);
  }

  apply() {
    const query = new URLSearchParams(window.location.search);
    this.choice.write(query);
    replaceQuery(query.toString());
    this.api.onFilterChanged();
    this.draw();
  }

  draw() {
    if (this.controller.signal.aborted) return;
    /** @type {RunRow[]} */
    const rows = [];
    this.api.forEachNode(({ data }) => rows.push(data));
    for (const facet of this.config.facets) this.drawFacet(facet, this.choice.count(rows, facet));
    let clear = /** @type {HTMLElement | null} */ (this.place.querySelector(".facet-clear"));
    if (!clear) {
      clear = el("button", { type: "button", class: "tool facet-clear" }, "Show all");
      clear.addEventListener("click", () => {
        this.choice.clear();
        this.apply();
      });
    }
    clear.hidden = !this.choice.size;
    this.place.append(clear);
  }

  /**
   * @param {FacetAbout} facet
   * @param {[string, number][]} counts
   */
  drawFacet(facet, counts) {
    const { name, label } = facet;
    let node = /** @type {HTMLElement | null} */ (
      this.place.querySelector(`details[data-facet="${name}"]`)
    );
    if (!node) {
      node = el(
        "details",
        { class: "facet", "data-facet": name },
        el("summary"),
        el("div", { class: "facet-values" }),
      );
      this.place.append(node);
    }
    const chosen = this.choice.of(name);
    node.hidden = !counts.length;
    node.classList.toggle("chosen", chosen.size > 0);
    setText(node.querySelector("summary"), chosen.size ? `${label} · ${chosen.size}` : label);
    const key = JSON.stringify([counts, [...chosen]]);
    if (node.dataset.key === key) return;
    node.dataset.key = key;
    const active = document.activeElement;
    const focused =
      active instanceof HTMLInputElement && node.contains(active) ? active.value : null;
    const options = counts.map(([value, number]) => this.option(name, value, number));
    node.querySelector(".facet-values")?.replaceChildren(...options);
    [...node.querySelectorAll("input")].find((one) => one.value === focused)?.focus();
  }

  /**
   * @param {string} name of the facet
   * @param {string} value
   * @param {number} number
   */
  option(name, value, number) {
    const box = el("input", { type: "checkbox", value, checked: this.choice.of(name).has(value) });
    box.addEventListener("change", () => {
      this.choice.set(name, value, box.checked);
      this.apply();
    });
    return el(
      "label",
      { class: "facet-value" },
      box,
      el("span", {}, this.wordOf(name, value)),
      el("span", { class: "quiet" }, number),
    );
  }

  /**
   * A value of a facet as it is shown.
   * @param {string} name of the facet
   * @param {string} value
   */
  wordOf(name, value) {
    const { states, outcomes } = this.config;
    /** @type {Record<string, string>} */
    const words = { ...(name === "state" && states), ...(name === "outcome" && outcomes) };
    return words[value] ?? value;
  }

  close() {
    this.controller.abort();
    clearTimeout(this.soon);
  }
}
