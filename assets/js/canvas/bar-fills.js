/** The colours of a drawn colour bar, where the epoch has another scale than the figure. */

import { colourTable, cssFromTable } from "./colours.js";

/** @import { ColourScale } from "./colours.js" */

export class BarFills {
  /** @type {Map<SVGElement, string>} what Plotly has drawn */
  originals = new Map();

  /**
   * @param {Iterable<SVGElement>} fills of one bar, from its low end
   * @param {ColourScale} scale
   */
  paint(fills, scale) {
    const all = [...fills];
    const table = colourTable(scale);
    for (const [i, fill] of all.entries()) {
      if (!this.originals.has(fill)) this.originals.set(fill, fill.style.fill);
      const place = Math.round((i / Math.max(all.length - 1, 1)) * (table.length - 1));
      fill.style.fill = cssFromTable(table, place);
    }
  }

  restore() {
    for (const [fill, colour] of this.originals) fill.style.fill = colour;
    this.originals.clear();
  }
}
