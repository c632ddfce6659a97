import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { padded, paxBody, type TarMember, type TarMemberType, tar } from "../../../tests/setup/tar.ts";
import { memory, recorder, seek, stream, walk } from "../../../tests/setup/walk-tar.ts";
import type { RandomAccess } from "../bytes/random-access.ts";
import { seekEntries, walkSeekableTar } from "./seek-walker.ts";
import { TarStreamWalker } from "./stream-walker.ts";

const signal: AbortSignal = new AbortController().signal;

const member: fc.Arbitrary<TarMember> = fc.record(
  {
    name: fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
      fc.array(fc.stringMatching(/^[a-z.]{1,12}$/), { minLength: 1, maxLength: 30 }).map((parts) => parts.join("/")),
      fc.uint8Array({ minLength: 1, maxLength: 30 }),
    ),
    content: fc.oneof(
      fc.constant(""),
      fc.string({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 30 }),
      fc.integer({ min: 500, max: 5000 }).map((size) => "x".repeat(size)),
    ),
    type: fc.constantFrom<TarMemberType>("file", "file", "file", "oldFile", "contiguous", "sparse", "global"),
    link: fc.string({ maxLength: 120 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    format: fc.constantFrom("ustar", "gnu", "v7"),
    base256: fc.boolean(),
    longNames: fc.constantFrom("gnu", "pax", "prefix", "cut"),
    pax: fc.oneof(fc.constant({}), fc.constant({ mtime: "1.5", comment: "c" }), fc.constant({ path: "from/pax" })),
  },
  { requiredKeys: ["name"] },
);
const bodyless: fc.Arbitrary<TarMember> = fc.record({
  name: fc.stringMatching(/^[a-z/.]{1,150}$/),
  type: fc.constantFrom<TarMemberType>("directory", "symlink", "hardlink", "character", "block", "fifo"),
  link: fc.string({ maxLength: 150 }),
});

describe("the two walkers", () => {
  test("tell the same of any archive, in pieces of any size", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(member, bodyless), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 }),
        async (members, sizes) => {
          const bytes = tar(members);
          const wants = (path: string): boolean => path.length % 3 !== 0;
          expect(stream(bytes, sizes, wants)).toEqual(await seek(bytes, wants));
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  test("agree on whether an archive that is cut off or changed anywhere is an error, and never crash", async () => {
    const members: TarMember[] = [
      { name: "a/b.txt", content: "hello" },
      { name: "n".repeat(150), content: "x".repeat(1200), longNames: "gnu" },
      { name: "m".repeat(150), link: "l".repeat(150), type: "symlink" },
      { name: "end", content: "y".repeat(700) },
    ];
    const bytes = tar(members);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), async (at, value, cut) => {
        const changed = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!cut) changed[at] = value;
        const [sought, streamed] = [await seek(changed), stream(changed, [333])];
        expect(streamed.error).toBe(sought.error);
      }),
      { numRuns: 1500, seed: 11 },
    );
  });

  test("pass over bodies that nobody wants without reading them", async () => {
    const bytes = tar([
      { name: "large", content: Buffer.alloc(3_000_000, 1) },
      { name: "small", content: "x" },
    ]);
    let read = 0;
    const source: RandomAccess = {
      ...memory(bytes),
      readInto(target, offset) {
        read += target.length;
        return memory(bytes).readInto(target, offset);
      },
    };
    await walkSeekableTar(
      source,
      recorder(() => false),
      { signal },
    );
    expect(read).toBeLessThan(50_000);
  });

  test("stop when the scan is cancelled", async () => {
    const bytes = tar(Array.from({ length: 5000 }, (_, index) => ({ name: `f${index}` })));
    const walked = walkSeekableTar(
      memory(bytes),
      recorder(() => false),
      { signal: AbortSignal.abort() },
    );
    await expect(walked).rejects.toMatchObject({ code: "cancelled" });
  });

  test("report all bytes as progress", async () => {
    const bytes = tar(Array.from({ length: 5000 }, (_, index) => ({ name: `f${index}` })));
    let passed = 0;
    await walkSeekableTar(
      memory(bytes),
      recorder(() => false),
      { signal, progress: (count) => (passed += count) },
    );
    expect(passed).toBe(bytes.length);
  });
});

test("pieces that a stream walker does not hold may be overwritten, also while wanted files follow each other", async () => {
  const members = Array.from({ length: 60 }, (_, index) => ({ name: `f${index}`, content: "abc".repeat(index * 40) }));
  const bytes = tar(members);
  const expected = await seek(bytes);
  for (const size of [100, 512, 700, 3000]) {
    const visitor = recorder(() => true);
    const walker = new TarStreamWalker(visitor);
    const kept: Buffer[] = [];
    let most = 0;
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Buffer.from(bytes.subarray(at, at + size));
      walker.push(piece);
      kept.push(piece);
      for (const passed of kept.splice(0, kept.length - walker.heldPieces)) passed.fill(0xee);
      most = Math.max(most, kept.length);
    }
    walker.end();
    expect({ events: visitor.events }).toEqual(expected);
    expect(most).toBeLessThanOrEqual(2 + Math.ceil((60 * 3 * 40) / size));
  }
});

test("a body that claims 10 TB is an error, wanted or not", async () => {
  const bytes = tar([{ name: "huge", size: 1e13, content: "x" }]);
  for (const wanted of [true, false]) {
    expect((await seek(bytes, () => wanted)).error).toBe("archive-malformed");
    expect(stream(bytes, [512], () => wanted).error).toBe("archive-malformed");
  }
});

test("entries of a tar that needs an end mark and has none are an error at the end", () => {
  const bytes = tar([{ name: "a" }], { zeroBlocks: 0 });
  const entries = seekEntries(memory(bytes), { needsEndMark: true });
  expect(entries.next().done).toBe(false);
  expect(() => entries.next()).toThrow(expect.objectContaining({ code: "archive-malformed" }));
});

/** As the images of file systems begin. */
function zerosThen(count: number): Buffer {
  return Buffer.concat([Buffer.alloc(count), Buffer.from("_BHRfS_M")]);
}

function withGlobalHeader(): Buffer {
  const members: TarMember[] = [{ name: "pax_global_header", type: "global", content: paxBody({ comment: "c" }) }];
  return tar(members, { trailer: Buffer.alloc(700, 7) });
}

describe("the end of an archive", () => {
  const members: TarMember[] = [{ name: "a", content: "abc" }];

  test("with which it begins is looked behind for 64 MiB and no further", async () => {
    let read = 0;
    const hole: RandomAccess = {
      size: 2 ** 40,
      read(_, length) {
        read += length;
        return Buffer.alloc(length);
      },
      readInto: (target) => target.fill(0).length,
    };
    const visitor = recorder(() => false);
    await expect(walkSeekableTar(hole, visitor, { signal })).rejects.toMatchObject({ code: "archive-malformed" });
    expect(read).toBeLessThan(70 * 2 ** 20);
    const walker = new TarStreamWalker(visitor);
    const zeros = Buffer.alloc(2 ** 24);
    for (let count = 0; count < 4; count++) walker.push(zeros);
    walker.push(zeros.subarray(0, 1024));
    expect(() => walker.push(zeros.subarray(0, 1))).toThrow(expect.objectContaining({ code: "archive-malformed" }));
  });

  test.each<[string, Buffer, string | undefined]>([
    ["two zero blocks", tar(members), undefined],
    ["one zero block", tar(members, { zeroBlocks: 1 }), undefined],
    ["twenty zero blocks", tar(members, { zeroBlocks: 20 }), undefined],
    ["garbage behind the end mark", tar(members, { trailer: Buffer.alloc(700, 7) }), undefined],
    ["no bytes at all", Buffer.alloc(0), undefined],
    ["only an end mark", tar([]), undefined],
    ["many zeros and nothing else", Buffer.alloc(300_000), undefined],
    [
      "garbage behind an end mark with which it begins",
      tar([], { trailer: Buffer.alloc(700, 7) }),
      "archive-malformed",
    ],
    ["garbage far behind an end mark with which it begins", zerosThen(200_000), "archive-malformed"],
    ["garbage of less than a block behind it", tar([], { trailer: Buffer.from("x") }), "archive-malformed"],
    ["garbage behind nothing but a header for all", withGlobalHeader(), undefined],
    ["no end mark", tar(members, { zeroBlocks: 0 }), undefined],
    [
      "less than a block behind the last entry",
      tar(members, { zeroBlocks: 0, trailer: Buffer.alloc(100) }),
      "archive-malformed",
    ],
    [
      "less than a block behind one zero block",
      tar(members, { zeroBlocks: 1, trailer: Buffer.alloc(100) }),
      "archive-malformed",
    ],
    [
      "garbage after one zero block",
      tar(members, { zeroBlocks: 1, trailer: Buffer.alloc(512, 7) }),
      "archive-malformed",
    ],
    ["a body that is cut off", tar(members).subarray(0, 514), "archive-malformed"],
    ["a header that is cut off", tar(members).subarray(0, 300), "archive-malformed"],
    ["no padding behind the last body", tar(members).subarray(0, 515), "archive-malformed"],
    ["text", padded(Buffer.from("this is not a tar")), "archive-malformed"],
  ])("%s", async (_, bytes, error) => {
    expect((await walk(bytes, () => false)).error).toBe(error);
  });
});
