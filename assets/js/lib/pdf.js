/**
 * PDF of SVG, made in the page: jsPDF and svg2pdf, which are loaded when first asked for.
 * Text stays text, in a font that the file carries.
 */

/**
 * What a file says of itself.
 *
 * @typedef {object} PdfAbout
 * @property {string} title
 * @property {string} subject
 * @property {string} keywords
 * @property {string} creator
 *
 * @typedef {object} Parts
 * @property {any} jsPDF
 * @property {(svg: Element, pdf: any, place: object) => Promise<void>} svg2pdf
 * @property {Record<Style, string>} fonts their bytes, one per character
 *
 * @typedef {"normal" | "bold"} Style
 */

/** The font of the files; figures that become one are laid out in it. */
export const PDF_FONT = "DejaVu Sans Condensed";

/** @type {Promise<Parts> | null} */
let loading = null;

/** Load what makes the files, once; the font is then there for figures as well. */
export function loadPdf() {
  loading ||= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** @returns {Promise<Parts>} */
async function load() {
  const about = document.querySelector("meta[name=pdf]")?.getAttribute("content") || "";
  const [maker, drawer, normal, bold] = about.split(" ");
  await script(maker);
  const [fonts] = await Promise.all([
    Promise.all([font(normal, "normal"), font(bold, "bold")]),
    script(drawer),
  ]);
  const { jspdf, svg2pdf } = /** @type {any} */ (window);
  return {
    jsPDF: jspdf.jsPDF,
    svg2pdf: svg2pdf.svg2pdf,
    fonts: { normal: fonts[0], bold: fonts[1] },
  };
}

const gone = () => new Error("What makes PDF files could not be loaded: reload the page.");

/** @param {string} address */
function script(address) {
  return new Promise((resolve, reject) => {
    const node = document.createElement("script");
    Object.assign(node, { src: address, onload: resolve, onerror: () => reject(gone()) });
    document.head.append(node);
  });
}

/**
 * @param {string} address
 * @param {Style} weight
 */
async function font(address, weight) {
  const answer = await fetch(address);
  if (!answer.ok) throw gone();
  const bytes = await answer.arrayBuffer();
  document.fonts.add(await new FontFace(PDF_FONT, bytes, { weight }).load());
  const part = 0x8000;
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += part) {
    text += String.fromCharCode(...new Uint8Array(bytes).subarray(at, at + part));
  }
  return text;
}

/**
 * @param {SVGElement} svg laid out in `PDF_FONT`
 * @param {{ width: number, height: number }} size pixels
 * @param {PdfAbout} about
 * @returns {Promise<Blob>}
 */
export async function pdfOf(svg, { width, height }, about) {
  const { fonts, jsPDF, svg2pdf } = await loadPdf();
  const pdf = new jsPDF({
    orientation: width > height ? "landscape" : "portrait",
    unit: "px",
    hotfixes: ["px_scaling"],
    format: [width, height],
    compress: true,
    putOnlyUsedFonts: true,
  });
  for (const [weight, bytes] of Object.entries(fonts)) {
    pdf.addFileToVFS(`${weight}.ttf`, bytes);
    pdf.addFont(`${weight}.ttf`, PDF_FONT, weight);
  }
  checkLetters(svg, pdf);
  pdf.setProperties(about);
  await svg2pdf(svg, pdf, { x: 0, y: 0, width, height });
  return pdf.output("blob");
}

/**
 * Refuse what the font has no letters for, instead of leaving them out.
 * @param {Element} svg
 * @param {any} pdf
 */
function checkLetters(svg, pdf) {
  pdf.setFont(PDF_FONT, "normal");
  /** @type {Record<number, number>} */
  const known = pdf.getFont().metadata.cmap.unicode.codeMap;
  const lacking = new Set(
    [...svg.querySelectorAll("text")]
      .flatMap((node) => [...(node.textContent || "")])
      .filter((letter) => letter.trim() && !known[letter.codePointAt(0) || 0]),
  );
  if (lacking.size) {
    const letters = [...lacking].slice(0, 5).join(" ");
    throw new Error(`The font of PDF files has no ${letters}: save SVG instead.`);
  }
}
