import { expect, test } from "vitest";
import { go } from "../../../src/extractors/binary/go/go.ts";
import { memoryFile } from "../../../src/io/bytes/memory-file.ts";
import type { FoundPackage } from "../../../src/model/packages/package.ts";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";

const replaced = {
  binary_with_module_replacement: ["binary_with_module_replacement"],
  "github.com/golang/xerrors": ["github.com/golang/xerrors"],
};

// The names of the files and what `go tool nm` and the source of these programs show: a main package, and one package of a module that was replaced.
describeWithCorpus("the linked packages of the corpus's Go programs", () => {
  test.each([
    ["scalibr-gobinary/files/binary_with_module_replacement-windows-amd64.gz", replaced, "windows/amd64"],
    ["scalibr-gobinary/files/binary_with_module_replacement-darwin-arm64.gz", replaced, "darwin/arm64"],
    [
      "trivy-golang-binary/files/main-version-via-ldflags.elf.gz",
      { "github.com/aquasecurity/test": ["github.com/aquasecurity/test"] },
      "linux/amd64",
    ],
  ])("%s", (name, modules, platform) => {
    const bytes = corpusBytes("language", "golang", ...name.split("/"));
    const packages = packagesOf(bytes);
    const { stdlib, ...others } = Object.fromEntries(packages.map((found) => [found.name, found.linkedPackages]));
    expect(new Set(packages.map(({ builtFor }) => builtFor))).toEqual(new Set([platform]));
    expect(others).toEqual(modules);
    expect(stdlib).toEqual(expect.arrayContaining(["fmt", "os", "reflect", "runtime", "syscall"]));
    expect(stdlib).toEqual([...(stdlib ?? [])].sort());
    for (const unused of ["net/http", "crypto/tls", "main"]) expect(stdlib).not.toContain(unused);
  });
});

function packagesOf(bytes: Buffer): FoundPackage[] {
  const context = {
    signal: new AbortController().signal,
    problem: ({ message }: { message: string }) => expect.fail(message),
  };
  const extractions = [...go.extract(memoryFile("program", bytes), context)];
  return extractions.flatMap((extraction) => (extraction.kind === "package" ? [extraction.package] : []));
}
