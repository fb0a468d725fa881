/** In the page that draws for the command line: sheets are drawn as figures are. */

import { sheetImage } from "./sheet.js";

/**
 * Teach Plotly to draw a figure whose layout brings a sheet.
 * @param {{ toImage: Function }} plotly
 */
export function teach(plotly) {
  const draw = plotly.toImage.bind(plotly);
  /**
   * @param {{ layout: { meta?: { sheet?: import("./sheet.js").Sheet } } }} figure
   * @param {{ format: "svg" | "png", scale?: number, imageDataOnly?: boolean }} options
   */
  plotly.toImage = async (figure, options) => {
    const sheet = figure.layout?.meta?.sheet;
    if (!sheet) return draw(figure, options);
    const address = await sheetImage(draw, sheet, options.format, options.scale || 1);
    if (!options.imageDataOnly) return address;
    const data = address.slice(address.indexOf(",") + 1);
    return options.format === "svg" ? decodeURIComponent(data) : data;
  };
}
