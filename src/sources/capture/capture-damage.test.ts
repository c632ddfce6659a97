import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { inPieces, reading } from "../../../tests/setup/capture-reading.ts";
import {
  type CaptureEvent,
  capture,
  captureBlock,
  eventBlock,
  packed,
  sectionHeader,
} from "../../../tests/setup/write-capture.ts";
import { readCapture } from "./read-capture.ts";

const event: CaptureEvent = { code: "PROCINFO_E", parameters: [packed([64, 1]), packed([64, 2])] };
const good = eventBlock(event);
const gigabyte = 2 ** 30;

describe("damage behind the begin of the events", () => {
  const cases: readonly [what: string, bytes: Buffer, message: RegExp][] = [
    ["a cut off block", good.subarray(0, 20), /cut off inside a block/],
    ["a cut off begin of a block", good.subarray(0, 5), /cut off inside a block/],
    [
      "an event that states 1 GB",
      captureBlock(0x216, Buffer.alloc(40), { size: gigabyte }),
      /length of 1073741824 bytes/,
    ],
    ["a large event that states 1 GB", captureBlock(0x221, Buffer.alloc(40), { size: gigabyte }), /1073741824/],
    ["an unknown block that states 1 GB", captureBlock(0x999, Buffer.alloc(40), { size: gigabyte }), /cut off/],
    ["an event block without room", captureBlock(0x216, Buffer.alloc(4)), /length of 16 bytes/],
    ["a block that ends otherwise", captureBlock(0x216, Buffer.alloc(40), { trailer: 4 }), /at its start and 4 at/],
    ["an event longer than its block", eventBlock({ ...event, length: 4000 }), /longer than its block/],
    ["an event of 2^32-1 parameters", eventBlock({ ...event, count: 0xffff_ffff }), /4294967295 parameters/],
    ["parameters longer than their event", eventBlock({ ...event, length: 40 }), /longer than the event/],
    ["lengths that do not add up", eventBlock({ ...event, block: 0x204, length: 41 }), /do not add up/],
    ["an unknown block of no length", captureBlock(0x999, Buffer.alloc(4), { size: 4 }), /length of 4 bytes/],
    ["another section that is damaged", sectionHeader({ magic: 1 }), /not have the magic number/],
  ];

  test.each(cases)("%s is told once, after all events before it", async (_, bytes, message) => {
    const { events, problems } = await reading(capture(good, good, bytes), "head", 3);
    expect(events).toHaveLength(2);
    expect(problems).toEqual([{ code: expect.any(String), message: expect.stringMatching(message) }]);
    expect(problems[0]?.message).toMatch(/^the capture test\.scap cannot be read from byte \d+: /);
  });

  test("is thrown after the events where nobody listens to problems", async () => {
    const bytes = capture(good, good.subarray(0, 20));
    const source = await readCapture(inPieces(bytes, 1), { name: "a.scap", generation: "head" });
    let count = 0;
    const end = (async () => {
      for await (const batch of source.events(new AbortController().signal)) count += batch.count;
    })();
    await expect(end).rejects.toMatchObject({ code: "file-malformed", message: expect.stringContaining("cut off") });
    expect(count).toBe(1);
  });

  test("a block that states 1 GB takes no memory for it", async () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const type of [0x216, 0x221, 0x215, 0x999]) {
      const bytes = capture(good, captureBlock(type, Buffer.alloc(40), { size: gigabyte }));
      await reading(bytes);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    }
  });
});

describe("damaged gzip data", () => {
  const bytes = capture(
    ...Array.from({ length: 40_000 }, (_, tid) => eventBlock({ ...event, tid, cpu: (tid * 7919) % 97 })),
  );
  const packedBytes = gzipSync(bytes);

  test("that is cut off gives the events before the cut", async () => {
    const { events, problems } = await reading(packedBytes.subarray(0, packedBytes.length / 2));
    expect(events.length).toBeGreaterThan(10_000);
    expect(problems).toMatchObject([{ message: expect.stringContaining("gzip data is cut off") }]);
  });

  test("that has a wrong byte gives most events before it", async () => {
    const damaged = Buffer.from(packedBytes);
    damaged.fill(0xff, damaged.length - 4000, damaged.length - 3000);
    const { events, problems } = await reading(damaged);
    expect(events.length).toBeGreaterThan(10_000);
    expect(problems).toHaveLength(1);
  });

  test("of several members is one capture", async () => {
    const parts = [packedBytes, gzipSync(Buffer.concat([good, good]))];
    const { events, problems } = await reading(Buffer.concat(parts));
    expect([events.length, problems]).toEqual([40_002, []]);
  });
});

describe("damage before the events", () => {
  const cases: readonly [what: string, bytes: Buffer, code: string, message: RegExp][] = [
    ["nothing", Buffer.alloc(0), "file-malformed", /cut off inside its header/],
    [
      "a text",
      Buffer.from("This is not a capture but a text of some length."),
      "file-malformed",
      /is not a \.scap capture/,
    ],
    ["a capture of a big-endian machine", sectionHeader({ magic: 0x4d3c2b1a }), "file-malformed", /big-endian/],
    ["a newer version", sectionHeader({ major: 2 }), "file-malformed", /format version 2 is not supported/],
    [
      "a list that states 1 GB",
      capture(captureBlock(0x215, Buffer.alloc(40), { size: gigabyte })),
      "limit-exceeded",
      /larger than 512 MiB/,
    ],
    [
      "a list that states 256 MiB",
      capture(captureBlock(0x215, Buffer.alloc(40), { size: gigabyte / 4 })),
      "file-malformed",
      /./,
    ],
    [
      "an entry longer than its list",
      capture(captureBlock(0x215, packed([32, 5000], "x"))),
      "file-malformed",
      /longer than/,
    ],
    [
      "an entry shorter than it is",
      capture(captureBlock(0x220, packed([32, 2], [8, 1], [32, 1], [16, 0]))),
      "file-malformed",
      /2 bytes/,
    ],
    ["a machine without room", capture(captureBlock(0x201, Buffer.alloc(8))), "file-malformed", /too short/],
    [
      "an interface of no known type",
      capture(captureBlock(0x205, packed([16, 9], [16, 0]))),
      "file-malformed",
      /type 9/,
    ],
    [
      "more groups than a machine has",
      capture(captureBlock(0x206, Buffer.concat(new Array<Buffer>(200_001).fill(packed([8, 1], [32, 1], [16, 0]))))),
      "limit-exceeded",
      /more than 200000 groups/,
    ],
  ];

  test.each(cases)("%s is an error", async (_, bytes, code, message) => {
    await expect(reading(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

test("the events can be read only once", async () => {
  const source = await readCapture(inPieces(capture(good), 1), { name: "a.scap", generation: "head" });
  const { signal } = new AbortController();
  for await (const batch of source.events(signal)) expect(batch.count).toBe(1);
  await expect(source.events(signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "usage" });
});

test("an aborted reading ends between two batches and closes its input", async () => {
  let isClosed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      yield capture(good);
      for (;;) yield good;
    } finally {
      isClosed = true;
    }
  }
  const source = await readCapture(endless(), { name: "a.scap", generation: "head" });
  const abort = new AbortController();
  const all = (async () => {
    for await (const _ of source.events(abort.signal)) abort.abort();
  })();
  await expect(all).rejects.toMatchObject({ code: "cancelled" });
  expect(isClosed).toBe(true);
});
