import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { go } from "./go.ts";

const goCommand = "go";
const goIsHere = spawnSync(goCommand, ["version"], { stdio: "ignore" }).status === 0;

// The dependencies are vendored, so that the build needs no network.
const files: Readonly<Record<string, string>> = {
  "go.mod": [
    "module example.com/tool",
    "go 1.21",
    "require (",
    "\texample.com/plain v1.2.3",
    "\texample.com/replaced v1.0.0",
    "\texample.com/beside v0.0.0",
    ")",
    "replace example.com/replaced => example.com/fork v1.0.1",
    "replace example.com/beside => ./beside",
    "",
  ].join("\n"),
  "main.go": [
    "package main",
    'import ("example.com/plain"; "example.com/plain/inlined"; "example.com/plain/unused.v2")',
    'import ("example.com/replaced"; "example.com/beside")',
    "func main() { println(plain.Name(), inlined.Twice(len(plain.Name())), unused.Word, replaced.Name(), beside.Name) }",
    "",
  ].join("\n"),
  "beside/go.mod": "module example.com/beside\n",
  "vendor/modules.txt": [
    "# example.com/beside v0.0.0 => ./beside",
    "## explicit",
    "example.com/beside",
    "# example.com/plain v1.2.3",
    "## explicit",
    "example.com/plain",
    "example.com/plain/inlined",
    "example.com/plain/unused.v2",
    "# example.com/replaced v1.0.0 => example.com/fork v1.0.1",
    "## explicit",
    "example.com/replaced",
    "# example.com/replaced => example.com/fork v1.0.1",
    "# example.com/beside => ./beside",
    "",
  ].join("\n"),
  "vendor/example.com/plain/a.go": 'package plain\nimport "os"\nfunc Name() string { return os.Args[0] }\n',
  "vendor/example.com/plain/inlined/a.go": "package inlined\nfunc Twice(n int) int { return n*2 + 1 }\n",
  "vendor/example.com/plain/unused.v2/a.go": 'package unused\nconst Word = "word"\nfunc Never() { println(Word) }\n',
  "vendor/example.com/replaced/a.go":
    'package replaced\nimport "os"\nfunc Name() string { return os.Getenv("NAME") }\n',
  "vendor/example.com/beside/a.go": 'package beside\nconst Name = "beside"\n',
};

test.skipIf(!goIsHere)(
  "binary/go finds in a fresh program what `go version -m` prints, and the packages whose code is in it (skipped where no go is on the path)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "plimsoll-go-"));
    try {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const settings = { GOFLAGS: "", GOTOOLCHAIN: "local", GOWORK: "off", GOPROXY: "off", CGO_ENABLED: "0" };
      const options = { cwd: folder, env: { ...process.env, ...settings }, encoding: "utf8" } as const;
      execFileSync(
        goCommand,
        ["build", "-mod=vendor", "-buildvcs=false", "-ldflags=-s -w", "-o", "tool", "."],
        options,
      );

      const listed = listedModules(execFileSync(goCommand, ["version", "-m", "tool"], options));
      const context = { signal: new AbortController().signal, problem: ({ message }: Problem) => expect.fail(message) };
      const packages: string[] = [];
      const linked: (readonly string[] | undefined)[] = [];
      const platform = execFileSync(goCommand, ["env", "GOOS", "GOARCH"], options).trim().replace("\n", "/");
      for (const extraction of go.extract(memoryFile("tool", readFileSync(join(folder, "tool"))), context)) {
        if (extraction.kind !== "package") continue;
        packages.push(`${extraction.package.name} ${extraction.package.version}`);
        linked.push(extraction.package.linkedPackages);
        expect(extraction.package.builtFor).toBe(platform);
      }
      expect(packages).toEqual(listed);
      expect(packages.slice(1)).toEqual([
        "example.com/tool (devel)",
        "example.com/plain v1.2.3",
        "example.com/fork v1.0.1",
      ]);
      expect(linked[0]).toEqual(expect.arrayContaining(["os", "runtime"]));
      expect(linked[0]).not.toContain("net/http");
      expect(linked.slice(1)).toEqual([
        ["example.com/tool"],
        ["example.com/plain", "example.com/plain/inlined"],
        ["example.com/fork"],
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

/** `name version` of the standard library and of each module, replacements by folders left out. */
function listedModules(output: string): readonly string[] {
  const modules: string[] = [];
  for (const line of output.split("\n")) {
    const release = /^tool: go(\d[\d.]*)/.exec(line)?.[1];
    if (release !== undefined) modules.push(`stdlib ${release}`);
    const [, kind, path = "", version = ""] = line.split("\t");
    if (kind === "=>") modules.pop();
    if (kind === "mod" || kind === "dep" || (kind === "=>" && !path.startsWith(".")))
      modules.push(`${path} ${version}`);
  }
  return modules;
}
