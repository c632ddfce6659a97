import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { padded, paxBody, type TarMember, type TarMemberType, tar } from "../../../tests/setup/tar.ts";
import { PlimsollError } from "../../model/error.ts";
import type { TreeVisitor } from "../../model/tree.ts";
import type { RandomAccess } from "../random-access.ts";
import { seekEntries, walkSeekableTar } from "./seek-walker.ts";
import { TarStreamWalker } from "./stream-walker.ts";

/** What a walk told, in order. */
interface Seen {
  readonly events: unknown[];
  readonly error?: string;
}

const signal: AbortSignal = new AbortController().signal;

function recorder(wants: (path: string) => boolean): TreeVisitor & { readonly events: unknown[] } {
  const events: unknown[] = [];
  return {
    events,
    entry(entry, head) {
      const { path, type, size, mode, link } = entry;
      events.push({ path, type, size, mode, link, head: Buffer.from(head).toString("hex") });
      return wants(path);
    },
    file: ({ path }, file) => {
      const middle = file.size >> 1;
      events.push({
        path,
        mode: file.mode,
        body: Buffer.from(file.read(0, file.size)).toString("latin1"),
        tail: Buffer.from(file.read(middle, file.size)).toString("latin1"),
        none: file.read(file.size, 10).length,
      });
    },
    refused: ({ path, reason }) => events.push({ path, reason }),
  };
}

function memory(bytes: Buffer): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
    readInto: (target, offset) => bytes.copy(target, 0, Math.min(offset, bytes.length)),
  };
}

function errorOf(error: unknown): string {
  if (!(error instanceof PlimsollError)) throw error;
  return error.code;
}

async function seek(bytes: Buffer, wants: (path: string) => boolean = () => true): Promise<Seen> {
  const visitor = recorder(wants);
  try {
    await walkSeekableTar(memory(bytes), visitor, { signal });
    return { events: visitor.events };
  } catch (error) {
    return { events: visitor.events, error: errorOf(error) };
  }
}

function stream(bytes: Buffer, sizes: readonly number[], wants: (path: string) => boolean = () => true): Seen {
  const visitor = recorder(wants);
  const walker = new TarStreamWalker(visitor);
  try {
    let turn = 0;
    for (let at = 0; at < bytes.length; ) {
      const size = sizes[turn++ % sizes.length] ?? 1;
      walker.push(Buffer.from(bytes.subarray(at, at + size)));
      at += size;
    }
    walker.end();
    return { events: visitor.events };
  } catch (error) {
    walker.release();
    return { events: visitor.events, error: errorOf(error) };
  }
}

/** Both ways of walking, which must tell the same. */
async function walk(bytes: Buffer, wants: (path: string) => boolean = () => true): Promise<Seen> {
  const sought = await seek(bytes, wants);
  for (const sizes of [[bytes.length || 1], [512], [1000], [17, 600]])
    expect(stream(bytes, sizes, wants)).toEqual(sought);
  return sought;
}

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

describe("an entry's name", () => {
  const long = `${"folder/".repeat(20)}file`;

  test.each([
    ["pax", { longNames: "pax" }],
    ["GNU", { longNames: "gnu", format: "gnu" }],
    ["ustar prefix", { longNames: "prefix" }],
  ] as const)("over 100 bytes comes from a %s header", async (_, how) => {
    expect((await walk(tar([{ name: long, content: "x", ...how }]))).events[0]).toMatchObject({ path: long, size: 1 });
  });

  test("takes no prefix from a header that is not ustar", async () => {
    const bytes = tar([{ name: "name", format: "gnu", patches: { 345: "prefix" } }]);
    expect((await walk(bytes)).events[0]).toMatchObject({ path: "name" });
  });

  test.each([
    ["./a/./b//c/", "a/b/c"],
    ["/etc/passwd", "etc/passwd"],
    ["a/../b", "b"],
    ["./", ""],
  ])("%s is cleaned", async (name, path) => {
    expect((await walk(tar([{ name, type: "directory" }]))).events[0]).toMatchObject({ path });
  });

  test.each([
    ["../../etc/passwd", "its name leaves the root of the image"],
    ["a/../../b", "its name leaves the root of the image"],
    ["x".repeat(5000), "its name is longer than 4096 characters"],
  ])("%.20s is refused and its body passed over", async (name, reason) => {
    const { events } = await walk(tar([{ name, content: "body" }, { name: "next" }]));
    expect(events[0]).toEqual({ path: name, reason });
    expect(events[1]).toMatchObject({ path: "next" });
  });

  test("with a NUL in a pax record is refused", async () => {
    const { events } = await walk(tar([{ name: "x", pax: { path: "a\0b" }, content: "body" }]));
    expect(events).toEqual([{ path: "a\0b", reason: "its name holds a NUL character" }]);
  });

  test("that is not UTF-8 keeps its bytes apart from every other name", async () => {
    const names = [
      [0x61, 0xff],
      [0x61, 0xfe],
      [0xc3, 0xa9],
      [0xed, 0xb3, 0xbf],
      [0xe2, 0x82],
      [0x61, 0xef, 0xbf, 0xbd],
    ];
    for (const pax of [false, true]) {
      const members = names.map((name) =>
        pax ? { name: "x", pax: { path: Buffer.from(name) } } : { name: Buffer.from(name) },
      );
      const { events } = await walk(tar(members), () => false);
      const paths = events.map((event) => (event as { path: string }).path);
      expect(paths).toEqual(["a\udcff", "a\udcfe", "é", "\udced\udcb3\udcbf", "\udce2\udc82", "a\ufffd"]);
      expect(new Set(paths).size).toBe(names.length);
    }
  });
});

describe("extended headers follow Go's reader, which unpacks images", () => {
  test.each<[string, TarMember[], string]>([
    [
      "a global path changes nothing",
      [{ name: "", type: "global", content: paxBody({ path: "evil" }) }, { name: "name" }],
      "name",
    ],
    [
      "a GNU long name wins over a pax path",
      [{ name: "g".repeat(120), longNames: "gnu", pax: { path: "p" } }],
      "g".repeat(120),
    ],
    ["an empty pax path leaves the name", [{ name: "name", pax: { path: "" } }], "name"],
    [
      "the last record of a key counts",
      [{ name: "n", pax: Buffer.concat([paxBody({ path: "a" }), paxBody({ path: "b" })]) }],
      "b",
    ],
  ])("%s", async (_, members, path) => {
    expect((await walk(tar(members))).events[0]).toMatchObject({ path });
  });

  test("a pax size is the size of the body", async () => {
    const bytes = tar([{ name: "a", pax: { size: "600" }, size: 0, content: "x".repeat(600) }, { name: "b" }]);
    const { events } = await walk(bytes);
    expect(events[0]).toMatchObject({ path: "a", size: 600 });
    expect(events[2]).toMatchObject({ path: "b" });
  });

  test("an empty pax size changes nothing", async () => {
    const { events } = await walk(tar([{ name: "a", pax: { size: "" }, content: "body" }]));
    expect(events[0]).toMatchObject({ size: 4 });
  });

  test("NULs and spaces before a size are skipped", async () => {
    const bytes = tar([{ name: "a", content: "x".repeat(8), patches: { 124: "\0 000000010 " } }]);
    expect((await walk(bytes)).events[0]).toMatchObject({ size: 8 });
  });

  test.each<[string, string | Uint8Array]>([
    ["a length that is no number", "ab path=x\n"],
    ["a length beyond the header", "99 path=x\n"],
    ["a length of nothing", "0 path=x\n"],
    ["a length that ends inside the key", "5 path=x\n"],
    ["no line end", "9 path=xy"],
    ["no equals sign", "8 pathx\n"],
    ["a length of many digits", `${"0".repeat(40)}9 a=b\n`],
    ["a size that is not decimal", paxBody({ size: "0x10" })],
    ["a negative size", paxBody({ size: "-5" })],
    ["a size with an exponent", paxBody({ size: "1e3" })],
    ["a size beyond 2^53", paxBody({ size: "99999999999999999999" })],
  ])("a pax header with %s is an error", async (_, body) => {
    expect((await walk(tar([{ name: "x", pax: Buffer.from(body) }]))).error).toBe("archive-malformed");
  });

  test("one that claims more than 1 MiB is an error before it is read", async () => {
    const bytes = tar([{ name: "x", type: { flag: "x" }, size: 1 << 30, content: "9 a=b\n" }]);
    expect((await walk(bytes)).error).toBe("limit-exceeded");
  });

  test("one with nothing after it is an error", async () => {
    const bytes = tar([{ name: "x", type: { flag: "x" }, content: paxBody({ path: "p" }) }], { zeroBlocks: 0 });
    expect((await walk(bytes)).error).toBe("archive-malformed");
  });
});

describe("a header", () => {
  test.each<[string, Partial<TarMember>, object]>([
    ["a size in base 256", { base256: true, content: "abc" }, { size: 3 }],
    ["type NUL and a slash at the end", { name: "d/", type: "oldFile" }, { type: "directory" }],
    ["type 0 and a slash at the end", { name: "d/" }, { type: "file", path: "d" }],
    ["type 7", { type: "contiguous", content: "abc" }, { type: "file", size: 3 }],
    ["an unknown type", { type: { flag: "Z" }, content: "abc" }, { type: "file", size: 3 }],
    ["a folder that claims a size", { type: "directory", size: 5000 }, { type: "directory", size: 0 }],
    ["a link that claims a size", { type: "symlink", link: "t", size: 5000 }, { type: "symlink", size: 0, link: "t" }],
    ["a hard link", { type: "hardlink", link: "/a/./b" }, { type: "hardlink", link: "a/b" }],
    ["a device", { type: "character" }, { type: "other" }],
    ["a pipe", { type: "fifo" }, { type: "other" }],
    ["mode bits", { mode: 0o6755 }, { mode: 0o6755 }],
  ])("with %s", async (_, fields, expected) => {
    const { events } = await walk(tar([{ name: "name", ...fields }, { name: "next" }]));
    expect(events[0]).toMatchObject(expected);
    expect(events.at(-2)).toMatchObject({ path: "next" });
  });

  test.each<[string, TarMember]>([
    ["a wrong checksum", { name: "x", checksum: 12345 }],
    ["a size that is no number", { name: "x", patches: { 124: "12345678x901" } }],
    ["a negative size", { name: "x", patches: { 124: Buffer.alloc(12, 0xff) } }],
    ["a size beyond 2^53", { name: "x", patches: { 124: Buffer.from("8000000000ffffffffffffff", "hex") } }],
  ])("with %s is an error", async (_, broken) => {
    expect((await walk(tar([{ name: "first" }, broken]))).error).toBe("archive-malformed");
  });

  test("with the signed checksum of old writers is read", async () => {
    const name = Buffer.from("é");
    const plain = tar([{ name }]);
    const stored = Number.parseInt(plain.toString("latin1", 148, 154), 8);
    expect((await walk(tar([{ name, checksum: stored - 512 }]))).events[0]).toMatchObject({ path: "é" });
  });

  test.each([
    ["a hard link that leaves the root", "hardlink", "../../etc/shadow", /hard link to a name outside/],
    ["a symbolic link of more than 4096 characters", "symlink", "l".repeat(5000), /symbolic link whose text is longer/],
  ] as const)("of %s is refused", async (_, type, link, reason) => {
    const { events } = await walk(tar([{ name: "x", type, link }]));
    expect(events).toEqual([{ path: "x", reason: expect.stringMatching(reason) }]);
  });

  test.each<[string, TarMember]>([
    ["old GNU form", { name: "s", type: "sparse", format: "gnu", content: "data" }],
    [
      "old GNU form with extension blocks",
      {
        name: "s",
        type: "sparse",
        format: "gnu",
        content: "data",
        patches: { 482: "\x01" },
        extensionBlocks: [Buffer.alloc(512).fill(1, 504, 505), Buffer.alloc(512)],
      },
    ],
    [
      "pax form",
      { name: "GNUSparseFile.1/s", pax: { "GNU.sparse.major": "1", "GNU.sparse.name": "s" }, content: "data" },
    ],
  ])("of a sparse file in %s is refused and passed over", async (_, sparse) => {
    const { events } = await walk(tar([sparse, { name: "next" }]));
    expect(events[0]).toEqual({ path: "s", reason: "it is stored as a sparse file, which is not read" });
    expect(events[1]).toMatchObject({ path: "next" });
  });
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

describe("the end of an archive", () => {
  const members: TarMember[] = [{ name: "a", content: "abc" }];

  test.each<[string, Buffer, string | undefined]>([
    ["two zero blocks", tar(members), undefined],
    ["one zero block", tar(members, { zeroBlocks: 1 }), undefined],
    ["twenty zero blocks", tar(members, { zeroBlocks: 20 }), undefined],
    ["garbage behind the end mark", tar(members, { trailer: Buffer.alloc(700, 7) }), undefined],
    ["no bytes at all", Buffer.alloc(0), undefined],
    ["only an end mark", tar([]), undefined],
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
    ["text", padded(Buffer.from("this is no tar")), "archive-malformed"],
  ])("%s", async (_, bytes, error) => {
    expect((await walk(bytes, () => false)).error).toBe(error);
  });
});
