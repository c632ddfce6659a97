import { describe, expect, test } from "vitest";
import { padded, paxBody, type TarMember, tar } from "../../../tests/setup/tar.ts";
import { walk } from "../../../tests/setup/walk-tar.ts";

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
    ["../../etc/passwd", "its path is outside the root of the image"],
    ["a/../../b", "its path is outside the root of the image"],
    ["x".repeat(5000), "its name is longer than 4096 characters"],
  ])("%.20s is refused and its body passed over", async (name, reason) => {
    const { events } = await walk(tar([{ name, content: "body" }, { name: "next" }]));
    expect(events[0]).toEqual({ path: name, reason });
    expect(events[1]).toMatchObject({ path: "next" });
  });

  test("with a NUL in a pax record is refused", async () => {
    const { events } = await walk(tar([{ name: "x", pax: { path: "a\0b" }, content: "body" }]));
    expect(events).toEqual([{ path: "a\0b", reason: "its name contains a NUL character" }]);
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
      "a global header ends what was meant for the next entry",
      [
        { name: "", type: { flag: "x" }, content: paxBody({ path: "evil" }) },
        { name: "", type: "global", content: paxBody({ comment: "c" }) },
        { name: "name" },
      ],
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

  test.each([
    ["without a version and a map", { "GNU.sparse.name": "x" }],
    ["of a version that there is not", { "GNU.sparse.major": "0", "GNU.sparse.minor": "7", "GNU.sparse.name": "x" }],
    ["of half a version", { "GNU.sparse.major": "1", "GNU.sparse.map": "0,4", "GNU.sparse.name": "x" }],
    ["with a map that is taken back", { "GNU.sparse.map": "0,4", "GNU.sparse.name": "x", "GNU.sparse.offset": "" }],
  ])("records of a sparse file %s leave a file as it is", async (_, pax) => {
    const { events } = await walk(tar([{ name: "name", pax, content: "data" }]));
    expect(events).toMatchObject([{ path: "name", type: "file", size: 4 }, { body: "data" }]);
  });

  test("a record of another name does not name a sparse file in old form", async () => {
    const pax = { "GNU.sparse.map": "0,4", "GNU.sparse.name": "x" };
    const bytes = tar([{ name: "name", type: "sparse", format: "gnu", pax, content: "data" }]);
    expect((await walk(bytes)).events).toMatchObject([
      { path: "name" },
      { path: "name", reason: "it is stored as a sparse file, which is not supported" },
    ]);
  });

  test.each<[string, TarMember]>([
    ["a pax path", { name: "y", pax: { "GNU.sparse.map": "0,4", "GNU.sparse.name": "s", path: "x" } }],
    [
      "a GNU long name",
      { name: "y".repeat(120), longNames: "gnu", pax: { "GNU.sparse.map": "0,4", "GNU.sparse.name": "s" } },
    ],
  ])("a sparse file has its own name over %s, and is a problem whether it is wanted or not", async (_, sparse) => {
    const { events, error } = await walk(tar([{ ...sparse, content: "data" }, { name: "next" }]), () => false);
    expect(events).toMatchObject([
      { path: "s", type: "other" },
      { path: "s", reason: "it is stored as a sparse file with several names" },
      { path: "next" },
    ]);
    expect(error).toBeUndefined();
  });

  test("a sparse file whose own name ends as that of a folder has a body all the same", async () => {
    const pax = { "GNU.sparse.map": "0,4", "GNU.sparse.name": "s/" };
    const { events } = await walk(tar([{ name: "y", type: "oldFile", pax, content: "data" }, { name: "next" }]));
    expect(events[0]).toMatchObject({ path: "s", type: "file" });
    expect(events[2]).toMatchObject({ path: "next" });
  });

  test("an empty pax record takes back an earlier one", async () => {
    const pax = Buffer.concat([paxBody({ path: "p", size: "9" }), paxBody({ path: "", size: "" })]);
    expect((await walk(tar([{ name: "name", pax, content: "x" }]))).events[0]).toMatchObject({ path: "name", size: 1 });
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
    ["a length that is not a number", "ab path=x\n"],
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
    ["a size that is not a number", { name: "x", patches: { 124: "12345678x901" } }],
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
    [
      "a symbolic link of more than 4096 characters",
      "symlink",
      "l".repeat(5000),
      /symbolic link whose target is longer/,
    ],
  ] as const)("of %s is refused and takes its place in the tree all the same", async (_, type, link, reason) => {
    const { events } = await walk(tar([{ name: "x", type, link }]));
    expect(events).toMatchObject([
      { path: "x", type: "other", link: "" },
      { path: "x", reason: expect.stringMatching(reason) },
    ]);
  });

  const map = (numbers: readonly number[]): Buffer =>
    padded(Buffer.from(numbers.map((number) => `${number}\n`).join("")));
  const pax = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "s" };

  describe.each<[string, TarMember]>([
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
    ["pax form 0.1", { name: "s", pax: { "GNU.sparse.map": "0,4,9000,0" }, content: "data" }],
    [
      "pax form 1.0",
      { name: "GNUSparseFile.1/s", pax, content: Buffer.concat([map([2, 0, 4, 9000, 0]), Buffer.from("data")]) },
    ],
    [
      "pax form 1.0 with a map of several blocks",
      {
        name: "GNUSparseFile.1/s",
        pax,
        content: Buffer.concat([map([200, ...Array.from({ length: 400 }, () => 10_000)]), Buffer.from("data")]),
      },
    ],
  ])("of a sparse file in %s", (_, sparse) => {
    test("is a problem when somebody wants the file, by its name or its first bytes, and takes its place", async () => {
      const { events, error } = await walk(tar([sparse, { name: "next" }]));
      expect(events[0]).toMatchObject({ path: "s", type: "file", head: Buffer.from("data").toString("hex") });
      expect(events[1]).toEqual({ path: "s", reason: "it is stored as a sparse file, which is not supported" });
      expect(events[2]).toMatchObject({ path: "next" });
      expect(error).toBeUndefined();
    });

    test("is none when nobody does", async () => {
      const { events, error } = await walk(tar([sparse, { name: "next" }]), () => false);
      expect(events).toMatchObject([
        { path: "s", type: "file" },
        { path: "next", type: "file" },
      ]);
      expect(error).toBeUndefined();
    });
  });

  test.each<[string, string | Uint8Array]>([
    ["no number", "data"],
    ["a number without an end", "1".repeat(600)],
    ["less numbers than it says", map([4, 0, 4])],
    ["a map of more than 1 MiB", Buffer.concat([map([9_999_999]), Buffer.alloc(1_100_000, "1\n")])],
  ])("of a sparse file whose map is %s is a problem, since its first bytes are not known", async (_, content) => {
    const { events, error } = await walk(tar([{ name: "x", pax, content }, { name: "next" }]), () => false);
    expect(events[0]).toMatchObject({ path: "s", type: "file", head: "" });
    expect(events[1]).toEqual({ path: "s", reason: "it is stored as a sparse file, which is not supported" });
    expect([events[2], error]).toMatchObject([{ path: "next" }, undefined]);
  });

  test("of a sparse file that is all hole tells of no bytes", async () => {
    for (const content of ["", map([0]), map([1, 9000, 0])]) {
      const { events, error } = await walk(tar([{ name: "x", pax, content }, { name: "next" }]), () => false);
      expect(events[0]).toMatchObject({ path: "s", type: "file", head: "" });
      expect([events.length, error]).toEqual([2, undefined]);
    }
  });
});
