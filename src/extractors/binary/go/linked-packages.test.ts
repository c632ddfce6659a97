import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import { readElf } from "../executable/elf.ts";
import type { Executable } from "../executable/executable.ts";
import { readMachO } from "../executable/mach-o.ts";
import { readPe } from "../executable/pe.ts";
import { readLinkedPackages } from "./linked-packages.ts";
import type { GoProgram } from "./modules.ts";
import {
  dataAddress,
  type ExecutableShape,
  elfProgram,
  type FunctionTableForm,
  functionTable,
  machOProgram,
  peProgram,
} from "./synthetic-executables.ts";

const program: GoProgram = {
  main: "example.com/tool/cmd",
  mainModule: "example.com/tool",
  malformed: 0,
  modules: [
    { path: "example.com/tool", version: "(devel)" },
    { path: "golang.org/x/net", version: "v0.1.0" },
    { path: "golang.org/x/net/extra", version: "v0.1.0" },
    { path: "gopkg.in/yaml.v3", version: "v3.0.0" },
    { path: "example.com/fork", version: "v1.0.0", replaced: "example.com/original" },
    { path: "example.com/empty", version: "v1.0.0" },
  ],
  shared: false,
};

const names = [
  "runtime.main",
  "main.main",
  "main.(*T).Close-fm",
  "_rt0_amd64_linux",
  "memeqbody",
  "go:struct { io.Reader; example.com/empty.T }.Read",
  "go.(*struct { sync.Mutex }).Lock",
  "type:.eq.[4]golang.org/x/net/typed.T",
  "type..hash.golang.org/x/net/older.T",
  "type:.eq.struct { F golang.org/x/net/inside.T }",
  "vendor/golang.org/x/net/http/httpguts.init",
  "cmd/go/internal/base.Run",
  "golang.org/x/net/html.Parse",
  "golang.org/x/net/html.(*Node).Write",
  "golang.org/x/net/extra/deep.Map[golang.org/x/net/argument.T,go.shape.int]",
  "golang.org/x/network.Dial",
  "gopkg.in/yaml%2ev3.(*Decoder).Decode",
  "example.com/original/a%2ev2.init.0",
  "slices.SortFunc[go.shape.struct { example.com/empty/x.F int }]",
  "example.com/o|d.F",
  ".F",
  "x.",
];

const expected = {
  standard: ["runtime", "slices", "vendor/golang.org/x/net/http/httpguts"],
  byModule: new Map([
    ["example.com/tool", ["example.com/tool/cmd"]],
    ["golang.org/x/net", ["golang.org/x/net/html", "golang.org/x/net/older", "golang.org/x/net/typed"]],
    ["golang.org/x/net/extra", ["golang.org/x/net/extra/deep"]],
    ["gopkg.in/yaml.v3", ["gopkg.in/yaml.v3"]],
    ["example.com/fork", ["example.com/fork/a.v2"]],
    ["example.com/empty", []],
  ]),
};

interface Build extends ExecutableShape {
  readonly form: FunctionTableForm;
}

const before = 32;

function build({ form, ...shape }: Build, list: readonly string[] = names): Executable {
  const data = Buffer.concat([Buffer.alloc(before), functionTable(list, { ...shape, form })]);
  return open(elfProgram(data, shape.named === false ? shape : { ...shape, functions: before }), readElf);
}

function open(bytes: Buffer, read: (source: ReturnType<typeof memoryFile>) => Executable | undefined): Executable {
  const executable = read(memoryFile("tool", bytes));
  if (executable === undefined) throw new Error("not an executable");
  return executable;
}

describe("the packages of a program are known from the names of its functions", () => {
  const forms: readonly FunctionTableForm[] = ["1.2", "1.16", "1.18", "1.20"];
  const shapes = forms.flatMap((form) => [
    { form, bits: 64 as const },
    { form, bits: 32 as const },
    { form, bits: 64 as const, named: false },
    ...(form === "1.2" ? [] : [{ form, bits: 32 as const, bigEndian: true }]),
  ]);
  test.each(shapes)("in a table of Go $form, %o", (shape) => {
    expect(readLinkedPackages(build(shape), program)).toEqual(expected);
  });

  test("in Mach-O and PE, with a section of its own or without", () => {
    const table = functionTable(names, { bits: 64, form: "1.20" });
    const data = Buffer.concat([Buffer.alloc(before), table]);
    const executables = [
      open(machOProgram(data, { bits: 64, functions: before }), readMachO),
      open(machOProgram(data, { bits: 64, named: false }), readMachO),
      open(peProgram(data, { bits: 64 }), readPe),
    ];
    expect(executables.map((executable) => executable.functions?.address)).toEqual([
      dataAddress + before,
      undefined,
      undefined,
    ]);
    for (const executable of executables) expect(readLinkedPackages(executable, program)).toEqual(expected);
  });

  test("behind other tables' magic and across the pieces in which bytes are searched and read", () => {
    const decoy = functionTable([], { bits: 64, form: "1.20" }).subarray(0, 8);
    for (const length of [1024 * 1024 - 9, 1024 * 1024 - 3, 1024 * 1024, 1024 * 1024 + 5]) {
      const many = [...names, ...Array.from({ length: 60_000 }, (_, index) => `main.function${index}`)];
      const data = Buffer.concat([decoy, Buffer.alloc(length, "x"), functionTable(many, { bits: 64, form: "1.18" })]);
      expect(readLinkedPackages(open(peProgram(data, { bits: 64 }), readPe), program)).toEqual(expected);
    }
  });
});

describe("nothing is said", () => {
  const shape: Build = { bits: 64, form: "1.20" };

  test("where no table is", () => {
    expect(readLinkedPackages(open(peProgram(Buffer.alloc(4096), { bits: 64 }), readPe), program)).toBeUndefined();
    expect(readLinkedPackages(open(elfProgram(Buffer.alloc(99), { bits: 64, functions: 0 }), readElf), program)).toBe(
      undefined,
    );
  });

  test("where the table is cut off", () => {
    const bytes = elfProgram(functionTable(names, { bits: 64, form: "1.20" }), { bits: 64, functions: 0 });
    expect(readLinkedPackages(open(bytes.subarray(0, bytes.length - 300), readElf), program)).toBeUndefined();
  });

  test("of a big-endian program of before Go 1.16", () => {
    expect(readLinkedPackages(build({ bits: 64, bigEndian: true, form: "1.2" }), program)).toBeUndefined();
  });

  test("where the runtime is missing, or there are modules and no function of any", () => {
    const without = (word: string): string[] => names.filter((name) => !name.includes(word));
    expect(readLinkedPackages(build(shape, without("runtime")), program)).toBeUndefined();
    expect(readLinkedPackages(build(shape, ["runtime.main", "main.main"]), program)).toBeUndefined();
  });

  test("of a program that shares packages with others", () => {
    expect(readLinkedPackages(build(shape), { ...program, shared: true })).toBeUndefined();
  });

  test("where there are more packages than any program has", () => {
    const many = Array.from({ length: 20_001 }, (_, index) => `example.com/tool/p${index}.F`);
    expect(readLinkedPackages(build(shape, [...names, ...many]), program)).toBeUndefined();
  });

  test("of the main module alone when the place of the program's own package is not known", () => {
    const linked = readLinkedPackages(build(shape), { ...program, main: "command-line-arguments" });
    expect(linked?.byModule.has("example.com/tool")).toBe(false);
    expect(linked?.byModule.get("gopkg.in/yaml.v3")).toEqual(["gopkg.in/yaml.v3"]);
  });
});
