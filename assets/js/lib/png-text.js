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
 * @param {string} keyword
 * @param {string} text
 */
function chunk(keyword, text) {
  const body = new Uint8Array([...latin(`tEXt${keyword}`), 0, ...latin(text)]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length - 4);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc(body));
  return bytes;
}

/**
 * A PNG with text chunks after its header.
 * @param {ArrayBuffer} buffer
 * @param {Record<string, string>} texts by keyword
 */
export function pngWithTexts(buffer, texts) {
  const png = new Uint8Array(buffer);
  const head = 33;
  const chunks = Object.entries(texts).map(([keyword, text]) => chunk(keyword, text));
  return new Blob([png.slice(0, head), ...chunks, png.slice(head)], { type: "image/png" });
}
