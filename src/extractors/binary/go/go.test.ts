import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { go } from "./go.ts";
import {
  dataAddress,
  type ExecutableShape,
  elfProgram,
  framed,
  functionTable,
  inlineBuildInfo,
  machOProgram,
  peProgram,
  pointedBuildInfo,
  universalProgram,
} from "./synthetic-executables.ts";

type FoundModule = Extract<Extraction, { readonly kind: "package" }>;

const modules = framed(
  [
    "path\texample.com/tool/cmd/tool",
    "mod\texample.com/tool\t(devel)\t",
    "dep\tgolang.org/x/net\tv0.17.0\th1:aaaa=",
    "dep\tgolang.org/x/old\tv1.0.0",
    "=>\tgithub.com/fork/old\tv1.0.1-fix\th1:bbbb=",
    "dep\texample.com/beside\tv0.0.0",
    "=>\t../beside\t(devel)\t",
    "build\t-compiler=gc",
    "",
  ].join("\n"),
);

const expected: readonly Extraction[] = [
  found("stdlib", "1.21.3"),
  main("example.com/tool", "(devel)"),
  found("golang.org/x/net", "v0.17.0"),
  found("github.com/fork/old", "v1.0.1-fix"),
];

function found(name: string, version: string, linkedPackages?: readonly string[]): FoundModule {
  return { kind: "package", package: { type: "golang", name, version, ...(linkedPackages && { linkedPackages }) } };
}

function main(name: string, version: string, linkedPackages?: readonly string[]): Extraction {
  const { kind, package: one } = found(name, version, linkedPackages);
  return { kind, package: { ...one, mainModule: true } };
}

/** The same modules of a program for a platform. */
function builtFor(platform: string, extractions: readonly Extraction[]): readonly Extraction[] {
  return extractions.map((one) =>
    one.kind === "package" ? { ...one, package: { ...one.package, builtFor: platform } } : one,
  );
}

const pointed = (shape: ExecutableShape): Buffer => pointedBuildInfo("go1.17.13", modules, shape);
const older: readonly Extraction[] = [found("stdlib", "1.17.13"), ...expected.slice(1)];

const inline = inlineBuildInfo("go1.21.3", modules);

const functionNames = [
  "runtime.main",
  "main.main",
  "net/http.(*Server).Serve",
  "golang.org/x/net/html.Parse",
  "golang.org/x/net/http2/hpack.(*Decoder).Write",
  "golang.org/x/old/a%2ev2.init.0",
  "example.com/tool/inner.Map[go.shape.int].func1",
];

const withFunctions: readonly Extraction[] = [
  found("stdlib", "1.21.3", ["net/http", "runtime"]),
  main("example.com/tool", "(devel)", ["example.com/tool/cmd/tool", "example.com/tool/inner"]),
  found("golang.org/x/net", "v0.17.0", ["golang.org/x/net/html", "golang.org/x/net/http2/hpack"]),
  found("github.com/fork/old", "v1.0.1-fix", ["github.com/fork/old/a.v2"]),
];

const table = functionTable(functionNames, { bits: 64, form: "1.20" });
const dataWithTable = Buffer.concat([inline, Buffer.alloc(16 - (inline.length % 16)), table]);
const functions = dataWithTable.length - table.length;

describeExtractor(go, [
  {
    path: "with-functions",
    bytes: new Uint8Array(elfProgram(dataWithTable, { bits: 64, functions, machine: 62 })),
    expected: builtFor("linux/amd64", withFunctions),
  },
  {
    path: "with-functions.exe",
    bytes: new Uint8Array(peProgram(dataWithTable, { bits: 64, machine: 0xaa64 })),
    expected: builtFor("windows/arm64", withFunctions),
  },
  { path: "elf64", bytes: new Uint8Array(elfProgram(inline, { bits: 64 })), expected: builtFor("linux", expected) },
  {
    path: "elf32-big",
    bytes: new Uint8Array(
      elfProgram(pointed({ bits: 32, bigEndian: true }), { bits: 32, bigEndian: true, machine: 8 }),
    ),
    expected: builtFor("linux/mips", older),
  },
  {
    path: "windows.exe",
    bytes: new Uint8Array(peProgram(pointed({ bits: 64 }), { bits: 64 })),
    expected: builtFor("windows", older),
  },
  { path: "macos", bytes: new Uint8Array(machOProgram(inline, { bits: 64 })), expected: builtFor("darwin", expected) },
  {
    path: "universal",
    bytes: new Uint8Array(universalProgram(machOProgram(inline, { bits: 64, machine: 0x1000007 }))),
    expected: builtFor("darwin/amd64", expected),
  },
]);

describe("binary/go reads every form of executable", () => {
  const shapes: readonly ExecutableShape[] = [
    { bits: 64 },
    { bits: 32 },
    { bits: 64, bigEndian: true },
    { bits: 32, bigEndian: true },
    { bits: 64, named: false },
    { bits: 32, named: false, bigEndian: true },
  ];
  test.each(shapes)("ELF and Mach-O, %o", (shape) => {
    for (const [system, build] of [
      ["linux", elfProgram],
      ["darwin", machOProgram],
    ] as const) {
      expect(read(build(inline, shape)).extractions).toEqual(builtFor(system, expected));
      expect(read(build(pointed(shape), shape)).extractions).toEqual(builtFor(system, older));
    }
  });

  test.each([{ bits: 64 }, { bits: 32 }] as const)("PE, %o", (shape) => {
    expect(read(peProgram(inline, shape)).extractions).toEqual(builtFor("windows", expected));
    expect(read(peProgram(pointed(shape), shape)).extractions).toEqual(builtFor("windows", older));
  });
});

describe("binary/go finds the build information", () => {
  test("behind other data, aligned to 16, and passes over a misaligned copy of the magic", () => {
    const before = Buffer.alloc(3 * 1024 * 1024 + 16, "x");
    before.write("\xff Go buildinf:", 1000 * 16 + 3, "latin1");
    const data = Buffer.concat([before, inline]);
    expect(read(peProgram(data, { bits: 64 })).extractions).toEqual(builtFor("windows", expected));
    expect(read(elfProgram(data, { bits: 64, named: false })).extractions).toEqual(builtFor("linux", expected));
  });

  test("with pointers into data that starts elsewhere", () => {
    const before = Buffer.alloc(64);
    const shape = { bits: 64, address: dataAddress + before.length } as const;
    const data = Buffer.concat([before, pointedBuildInfo("go1.17.13", modules, shape)]);
    expect(read(peProgram(data, shape)).extractions).toEqual(builtFor("windows", older));
  });
});

describe("binary/go tells Go releases from other versions, and gives those as they are", () => {
  test.each([
    ["go1.21.3", "1.21.3"],
    ["go1.20", "1.20"],
    ["go1.22.1 X:boringcrypto", "1.22.1"],
    ["go1.21rc2", "1.21rc2"],
    ["go1.22-20240109-RC01 cl/597041403 +dcbe772469 X:loopvar", "go1.22-20240109-RC01"],
    ["devel go1.23-1cc49c13c0 Wed Jan 10 00:00:00 2024 +0000", "devel go1.23-1cc49c13c0"],
    ["devel +b7a85e0003 linux/amd64", "devel +b7a85e0003"],
    ["go1.26-devel_12ab34cd Tue Jun 3 10:11:12 2026 +0000 X:nodwarf5", "go1.26-devel_12ab34cd"],
    ["go1.22.5~bpo", "1.22.5"],
    ["go1.18b7", "1.18"],
    ["go1.18.1b7", "1.18.1"],
    ["go1.18beta1b7", "1.18beta1"],
    ["go1.21.13 (Red Hat 1.21.13-4.el9_4)", "1.21.13"],
    ["go1.22.4-1", "1.22.4"],
    ["go1.24.6-2 X:systemcrypto", "1.24.6"],
    ["go1.21rc", "go1.21rc"],
    ["go1.22.1_fips", "go1.22.1_fips"],
    ["unknown", "unknown"],
    ["\u0001\u0002", "unknown"],
    ["own\u202e build\n of Go", "own build of Go"],
    ["x".repeat(200), "x".repeat(100)],
  ])("%j", (version, release) => {
    const { extractions } = read(elfProgram(inlineBuildInfo(version, Buffer.alloc(0)), { bits: 64 }));
    expect(extractions).toEqual(builtFor("linux", [found("stdlib", release)]));
  });
});

describe("binary/go tells what a program was built for", () => {
  const platformOf = (bytes: Buffer): string | undefined => {
    const [first] = read(bytes).extractions;
    return first?.kind === "package" ? first.package.builtFor : undefined;
  };
  const recorded = (...lines: string[]): Buffer =>
    inlineBuildInfo("go1.21.3", framed(`path\tx\n${lines.map((line) => `build\t${line}\n`).join("")}`));

  test("by the settings of its build, whatever its header says", () => {
    const data = recorded("-compiler=gc", "GOARCH=arm64", "GOOS=android", "GOOS=windows");
    expect(platformOf(elfProgram(data, { bits: 64, machine: 62 }))).toBe("android/arm64");
  });

  test("by its header where a setting is missing or no word", () => {
    const data = recorded("GOOS=", "GOARCH=a b");
    expect(platformOf(elfProgram(data, { bits: 64, machine: 62 }))).toBe("linux/amd64");
  });

  test.each([
    [{ bits: 32, machine: 3 }, "linux/386"],
    [{ bits: 64, machine: 8 }, "linux/mips64le"],
    [{ bits: 64, machine: 8, bigEndian: true }, "linux/mips64"],
    [{ bits: 64, machine: 21 }, "linux/ppc64le"],
    [{ bits: 64, machine: 21, bigEndian: true }, "linux/ppc64"],
    [{ bits: 64, machine: 22, bigEndian: true }, "linux/s390x"],
    [{ bits: 64, machine: 243 }, "linux/riscv64"],
    [{ bits: 64, machine: 62, system: 9 }, "freebsd/amd64"],
    [{ bits: 64, machine: 62, system: 3 }, "linux/amd64"],
    [{ bits: 64, machine: 9999 }, "linux"],
    [{ bits: 64, machine: 62, system: 200 }, undefined],
  ] satisfies readonly [ExecutableShape, string | undefined][])("ELF %o is %s", (shape, expectation) => {
    expect(platformOf(elfProgram(inline, shape))).toBe(expectation);
  });

  test.each([
    [0x14c, "windows/386"],
    [0x8664, "windows/amd64"],
    [0x1c4, "windows/arm"],
  ])("PE %i is %s", (machine, expectation) => {
    expect(platformOf(peProgram(inline, { bits: 64, machine }))).toBe(expectation);
  });

  test("Mach-O is darwin", () => {
    expect(platformOf(machOProgram(inline, { bits: 64, machine: 0x100000c }))).toBe("darwin/arm64");
  });
});

describe("binary/go gives nothing and no problem", () => {
  test("for programs that are not from Go", () => {
    const data = Buffer.alloc(4096, "data");
    for (const bytes of [
      elfProgram(data, { bits: 64 }),
      elfProgram(data, { bits: 64, named: false }),
      peProgram(data, { bits: 32 }),
      machOProgram(data, { bits: 64 }),
      Buffer.from("MZ is how this text starts, and it goes on for longer than a DOS header is, which is 64 bytes."),
      Buffer.from("cafebabe00000034001d0a0006000f09001000110800120a00130014070015070016", "hex"),
    ]) {
      expect(read(bytes)).toEqual({ extractions: [], problems: [] });
    }
  });

  test("for build information that was overwritten", () => {
    const bytes = elfProgram(inlineBuildInfo("", Buffer.alloc(0)), { bits: 64 });
    expect(read(bytes)).toEqual({ extractions: [], problems: [] });
  });

  test("for a Java class file, which the patterns leave out though it starts like a universal file", () => {
    const classFile = [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52];
    const matches = go.files.some(
      (pattern) => "magic" in pattern && pattern.magic.some((magic) => magic.every((byte, i) => classFile[i] === byte)),
    );
    expect(matches).toBe(false);
  });
});

describe("binary/go reports a Go program that it cannot read", () => {
  test("when the build information is cut short", () => {
    const bytes = elfProgram(inline, { bits: 64 });
    const { extractions, problems } = read(bytes.subarray(0, bytes.length - 20));
    expect(extractions).toEqual([]);
    expect(problems).toEqual([
      {
        code: "unreadable",
        message:
          "usr/bin/tool is a Go program whose build information is damaged, so its modules could not be identified",
        path: "usr/bin/tool",
      },
    ]);
  });

  test("when the build information is longer than the limit", () => {
    const long = inlineBuildInfo("go1.21.3", Buffer.alloc(4 * 1024 * 1024 + 1));
    expect(read(elfProgram(long, { bits: 64 })).problems).toMatchObject([{ code: "limit-exceeded" }]);
  });
});

test("binary/go reports modules in a form that none has, and lists the others", () => {
  const lines = [
    "mod\texample.com/tool\t(devel)\t",
    "dep\twith space\tv1.0.0",
    "dep\ta.example/b",
    "dep\ta.example/c\tv1.0.0",
  ];
  const text = framed([...lines, "=>\tb.example/c\t", ""].join("\n"));
  const { extractions, problems } = read(elfProgram(inlineBuildInfo("go1.21.3", text), { bits: 64 }));
  expect(extractions).toEqual(builtFor("linux", [found("stdlib", "1.21.3"), main("example.com/tool", "(devel)")]));
  const message =
    "usr/bin/tool is a Go program with modules that could not be identified because they are malformed: 3";
  expect(problems).toEqual([{ code: "unreadable", message, path: "usr/bin/tool" }]);
});

test("binary/go reads of an ELF program that is not from Go its headers and its writable data, each once", () => {
  const bytes = elfProgram(Buffer.alloc(64 * 1024), { bits: 64 });
  bytes.write(".no", bytes.indexOf(".go.buildinfo"), "latin1");
  const file = memoryFile("usr/bin/tool", bytes);
  const lengths: number[] = [];
  const counted = {
    ...file,
    read: (offset: number, length: number) => {
      lengths.push(length);
      return file.read(offset, length);
    },
  };
  expect([...go.extract(counted, { signal: new AbortController().signal, problem: () => {} })]).toEqual([]);
  expect(lengths.length).toBeLessThanOrEqual(7);
  expect(lengths.filter((length) => length >= 1024)).toEqual([64 * 1024]);
});

describe("binary/go reads a program that Linux runs", () => {
  test("where no section has the name of the build information", () => {
    const bytes = elfProgram(inline, { bits: 64 });
    bytes.write(".no", bytes.indexOf(".go.buildinfo"), "latin1");
    expect(read(bytes)).toEqual(read(elfProgram(inline, { bits: 64 })));
    expect(read(bytes).extractions).not.toEqual([]);
  });

  test.each([
    [64, 62, [1, 2]],
    [64, 183, [0, 7]],
    [32, 3, [2, 2]],
  ] as const)("of %i bits for machine %i, whose header states class and byte order %j", (bits, machine, stated) => {
    const bytes = elfProgram(inline, { bits, machine });
    const before = read(bytes);
    bytes.set(stated, 4);
    expect(read(bytes)).toEqual(before);
    expect(before.extractions).not.toEqual([]);
  });
});

test.each([
  ["behind the program headers", (bytes: Buffer) => bytes.write("UPX!", 64 + 56 + 4, "latin1")],
  ["near the end", (bytes: Buffer) => bytes.write("UPX!", bytes.length - 36, "latin1")],
])("binary/go reports a program that UPX packed, by its mark %s", (_, mark) => {
  const bytes = elfProgram(Buffer.alloc(4096), { bits: 64, named: false });
  expect(read(bytes)).toEqual({ extractions: [], problems: [] });
  mark(bytes);
  const message = "usr/bin/tool is packed with UPX, so its modules could not be identified";
  expect(read(bytes)).toEqual({ extractions: [], problems: [{ code: "unreadable", message, path: "usr/bin/tool" }] });
});

function read(bytes: Buffer): { extractions: readonly Extraction[]; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
  return { extractions: [...go.extract(memoryFile("usr/bin/tool", bytes), context)], problems };
}
