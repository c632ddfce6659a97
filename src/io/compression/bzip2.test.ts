import { describe, expect, test } from "vitest";
import { decompressBzip2, isBzip2 } from "./bzip2.ts";

// Made by bzip2 1.0.8.
const first = Buffer.from("QlpoOTFBWSZTWREV384AAAbRAAAQQAwwASAAISI00IYCbDFWxkxVU2C8XckU4UJARFd/OA==", "base64");
const second = Buffer.from("QlpoOTFBWSZTWSaKAjQAAAKBgA4BiAAgACIYaDAHAphdyRThQkCaKAjQ", "base64");
const text = `${"a".repeat(47)}\nbanana, banana, banana\n`;
const controller = new AbortController();

async function unpack(
  bytes: Uint8Array,
  { limit = 1000, size = bytes.length, signal = controller.signal } = {},
): Promise<string> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const out: Buffer[] = [];
  for await (const piece of decompressBzip2(pieces(), { signal, limit })) out.push(piece);
  return Buffer.concat(out).toString("latin1");
}

test("data is told by its first bytes", () => {
  expect(isBzip2(first)).toBe(true);
  expect(isBzip2(Buffer.from("BZh0"))).toBe(false);
  expect(isBzip2(Buffer.from("BZ"))).toBe(false);
});

test("runs and text come out as they went in, in whatever pieces the input comes", async () => {
  expect(await unpack(first)).toBe(text);
  expect(await unpack(first, { size: 1 })).toBe(text);
});

test("streams one after the other are one text", async () => {
  expect(await unpack(Buffer.concat([first, second, first]))).toBe(`${text}second${text}`);
});

test("no more comes out than is allowed", async () => {
  await expect(unpack(first, { limit: 20 })).rejects.toMatchObject({ code: "limit-exceeded" });
});

test("a reader that gives up ends the input", async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield first;
    } finally {
      ended = true;
    }
  }
  for await (const piece of decompressBzip2(endless(), { signal: controller.signal, limit: 1e9 })) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  expect(ended).toBe(true);
});

test("a reader that was cancelled stops", async () => {
  await expect(unpack(first, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
});

describe("damaged data is reported", () => {
  test.each(Array.from({ length: first.length - 1 }, (_, length) => length + 1))(
    "when it is cut off after %i bytes",
    async (length) => {
      await expect(unpack(first.subarray(0, length))).rejects.toMatchObject({ code: "archive-malformed" });
    },
  );

  test("wherever a bit is wrong, and never with a text that was not put in", async () => {
    for (let bit = 0; bit < first.length * 8; bit++) {
      const bytes = Buffer.from(first);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      const outcome = await unpack(bytes).catch((error: { code?: unknown }) => error.code);
      expect([text, "archive-malformed"]).toContain(outcome);
    }
  });

  test("when bytes follow that are not a stream", async () => {
    await expect(unpack(Buffer.concat([first, Buffer.from("and more")]))).rejects.toMatchObject({
      message: "the bzip2 data is damaged: the trailing data is not a bzip2 stream",
    });
  });
});
