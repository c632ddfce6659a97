import { expect, test } from "vitest";
import { xz } from "../../../tests/setup/xz.ts";
import { inflateXz } from "./xz.ts";

/** `ab` 5,000 times, then `xz`, by xz 5.8 with its defaults. */
const compressed = Buffer.from(
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4CcRADBdADCYq/wd//f/1IEKn3RzhPowEaZpp4+RC+RFpEO932qwFnAeVi0L6rgm7f0rHl0CoADkXSq4piy+sgABTJJOAAAAtEXCa7HEZ/sCAAAAAARZWg==",
  "base64",
);

async function inflate(bytes: Uint8Array, limit = 1_000_000, signal = new AbortController().signal): Promise<string> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 1000) yield Buffer.from(bytes.subarray(at, at + 1000));
  }
  const parts: Buffer[] = [];
  for await (const piece of inflateXz(pieces(), { limit, signal })) parts.push(piece);
  return Buffer.concat(parts).toString("latin1");
}

const text = `${"ab".repeat(5000)}xz`;

test("compressed and stored blocks come out as they went in, stream after stream", async () => {
  expect(await inflate(compressed)).toBe(text);
  expect(await inflate(xz(Buffer.from(text.repeat(20))))).toBe(text.repeat(20));
  expect(await inflate(Buffer.concat([compressed, compressed]))).toBe(text + text);
});

test("damaged, cut off and foreign bytes are an error, and the next input is read all the same", async () => {
  const damaged = Buffer.from(compressed);
  damaged[40] = (damaged[40] ?? 0) ^ 1;
  for (const bytes of [
    damaged,
    compressed.subarray(0, 60),
    compressed.subarray(0, 3),
    Buffer.from("no xz at all"),
    Buffer.alloc(0),
  ]) {
    await expect(inflate(bytes)).rejects.toMatchObject({ code: "archive-malformed" });
  }
  expect(await inflate(compressed)).toBe(text);
});

test("what swells beyond the limit is refused, and abort is honoured", async () => {
  await expect(inflate(compressed, 100)).rejects.toMatchObject({ code: "limit-exceeded" });
  await expect(inflate(compressed, 1_000_000, AbortSignal.abort())).rejects.toMatchObject({ code: "cancelled" });
  expect(await inflate(compressed)).toBe(text);
});

test("an error of the input is passed on", async () => {
  // biome-ignore lint/correctness/useYield: it fails before it yields.
  async function* broken(): AsyncGenerator<Buffer> {
    throw new Error("the disk is gone");
  }
  const reading = async (): Promise<void> => {
    for await (const _ of inflateXz(broken(), { limit: 10, signal: new AbortController().signal }));
  };
  await expect(reading()).rejects.toThrow();
  expect(await inflate(compressed)).toBe(text);
});
