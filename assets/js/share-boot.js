/*
 * The beginning of a file to share: it stands in the page as it is, and is no module. It
 * reads parts of the file (bytes as text of seven bits, packed), the looks and the
 * modules first; `window.grokdash_part` reads the others.
 */
(() => {
  const FAILED =
    "This file is damaged, or this browser is too old for it: get it again, or open it in " +
    "Firefox, Chrome, Edge or Safari of 2023 or later.";
  /* As in grokdash/sharing/seven_bits.py: what stands for what HTML would change. */
  /** @type {Record<number, number>} */
  const INSTEAD = { 161: 0, 162: 13, 163: 60 };

  /** @param {string} text */
  function bytesOf(text) {
    const bytes = new Uint8Array(Math.floor((7 * text.length) / 8));
    let held = 0;
    let bits = 0;
    let at = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      held = (held << 7) | (code < 128 ? code : INSTEAD[code]);
      bits += 7;
      if (bits < 8) continue;
      bits -= 8;
      bytes[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
    return bytes;
  }

  /** @param {string} name */
  function part(name) {
    const element = document.getElementById(`part-${name}`);
    if (!element) throw new Error(`This file has no part ${name}: it is cut off.`);
    const packed = new Blob([bytesOf(element.textContent || "")]).stream();
    element.remove();
    return new Response(packed.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  }

  /** @param {string} name */
  const textOf = async (name) => new TextDecoder().decode(await part(name));

  async function start() {
    const style = document.createElement("style");
    style.textContent = await textOf("styles");
    document.head.append(style);
    document.body.hidden = false;
    const script = document.createElement("script");
    script.type = "module";
    script.textContent = await textOf("app");
    document.body.append(script);
  }

  window.grokdash_part = part;
  start().catch(() => {
    document.body.hidden = false;
    const app = document.getElementById("app");
    if (app) app.textContent = FAILED;
  });
})();
