/** Text chunks in PNG files, so that a picture knows where it came from. */

const TABLE = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** @param {Uint8Array} bytes */
function crc(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

/**
 * Characters beyond ASCII become \uXXXX, which JSON reads back.
 * @param {string} text
 */
function latin(text) {
  return Uint8Array.from(
    text.replace(
      /[^\x20-\x7e\n]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
    (one) => one.charCodeAt(0),
  );
}

/**
 * @param {string} type
 * @param {Iterable<number>} content
 */
function chunk(type, content) {
  const body = new Uint8Array([...latin(type), ...content]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length - 4);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc(body));
  return bytes;
}

/**
 * How many pixels there are to a metre, which says how large the picture is in print.
 * @param {number} dpi
 */
function density(dpi) {
  const content = new DataView(new ArrayBuffer(9));
  const perMetre = Math.round(dpi / 0.0254);
  content.setUint32(0, perMetre);
  content.setUint32(4, perMetre);
  content.setUint8(8, 1);
  return chunk("pHYs", new Uint8Array(content.buffer));
}

/**
 * A PNG with text chunks after its header, and with its size in print if that is known.
 * @param {ArrayBuffer} buffer
 * @param {Record<string, string>} texts by keyword
 * @param {number} [dpi]
 */
export function pngWithTexts(buffer, texts, dpi) {
  const png = new Uint8Array(buffer);
  const head = 33;
  const chunks = Object.entries(texts).map(([keyword, text]) =>
    chunk("tEXt", [...latin(keyword), 0, ...latin(text)]),
  );
  if (dpi) chunks.unshift(density(dpi));
  return new Blob([png.slice(0, head), ...chunks, png.slice(head)], { type: "image/png" });
}
