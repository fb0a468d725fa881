import assert from "node:assert/strict";
import test from "node:test";
import { crc32, deflateSync } from "node:zlib";
import { pngWithTexts } from "#js/lib/png-text.js";

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

/** One grey pixel. */
function pixel() {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const png = Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.from([0, 128]))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  return png.buffer.slice(png.byteOffset, png.byteOffset + png.length);
}

/** The chunks of a file, each checked against the checksum of zlib. */
async function chunksOf(blob) {
  const bytes = Buffer.from(await blob.arrayBuffer());
  const chunks = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(body));
    chunks.push([body.toString("latin1", 0, 4), body.toString("latin1", 4)]);
    at += length + 12;
  }
  return chunks;
}

test("texts follow the header, with checksums that hold", async () => {
  const chunks = await chunksOf(pngWithTexts(pixel(), { Title: "W_E", Comment: '{"e": 3}' }));

  assert.deepEqual(
    chunks.map(([type]) => type),
    ["IHDR", "tEXt", "tEXt", "IDAT", "IEND"],
  );
  assert.equal(chunks[1][1], "Title\0W_E");
  assert.equal(chunks[2][1], 'Comment\0{"e": 3}');
});

test("characters beyond ASCII survive as JSON escapes", async () => {
  const text = JSON.stringify({ title: "x² ≈ −1" });

  const chunks = await chunksOf(pngWithTexts(pixel(), { Comment: text }));

  const written = chunks[1][1].split("\0")[1];
  assert.match(written, /^[\x20-\x7e]+$/);
  assert.deepEqual(JSON.parse(written), { title: "x² ≈ −1" });
});

test("the size in print follows from pixels per metre", async () => {
  const chunks = await chunksOf(pngWithTexts(pixel(), {}, 300));

  const { 1: content } = chunks.find(([type]) => type === "pHYs");
  const bytes = Buffer.from(content, "latin1");
  assert.deepEqual([bytes.readUInt32BE(0), bytes.readUInt32BE(4), bytes[8]], [11811, 11811, 1]);
});
