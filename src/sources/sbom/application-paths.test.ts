import { expect, test } from "vitest";
import type { Package } from "../../model/packages/package.ts";
import { readSbom } from "./read-sbom.ts";

/** As Trivy 0.74 writes a Go or Rust program. */
function program(name: string, reference: string, classes = "lang-pkgs"): object {
  const properties = [
    { name: "aquasecurity:trivy:Class", value: classes },
    { name: "aquasecurity:trivy:Type", value: "gobinary" },
  ];
  return { "bom-ref": reference, type: "application", name, properties };
}

function module(name: string, reference: string, more: object = {}): object {
  const purl = `pkg:golang/example.com/${name}@v1.0.0`;
  return { "bom-ref": reference, type: "library", name: `example.com/${name}`, version: "v1.0.0", purl, ...more };
}

function packagesOf(components: readonly object[], dependencies: unknown): readonly Package[] {
  const document = { bomFormat: "CycloneDX", specVersion: "1.6", components, dependencies };
  const context = { signal: new AbortController().signal, problem: () => {} };
  return readSbom(Buffer.from(JSON.stringify(document)), context).packages;
}

const pathsOf = (...input: Parameters<typeof packagesOf>) => packagesOf(...input).map(({ paths }) => paths);

test("a module has the path of the programs that depend on it, directly or by way of others", () => {
  const components = [program("usr/bin/a", "a"), program("usr/bin/b", "b"), module("main", "m"), module("both", "x")];
  const dependencies = [
    { ref: "target", dependsOn: ["a", "b"] },
    { ref: "a", dependsOn: ["m"] },
    { ref: "m", dependsOn: ["x", "m"] },
    { ref: "b", dependsOn: ["x"] },
  ];
  expect(pathsOf(components, dependencies)).toEqual([["usr/bin/a"], ["usr/bin/a", "usr/bin/b"]]);
});

test("a path of its own goes first, and an application that Trivy does not call a list of packages gives none", () => {
  const own = { properties: [{ name: "aquasecurity:trivy:FilePath", value: "opt/m" }] };
  const dependencies = [{ ref: "a", dependsOn: ["m"] }];
  expect(pathsOf([program("usr/bin/a", "a"), module("m", "m", own)], dependencies)).toEqual([["opt/m"]]);
  expect(pathsOf([program("usr/bin/a", "a", "os-pkgs"), module("m", "m")], dependencies)).toEqual([[]]);
});

test("dependencies of another form are passed over", () => {
  const components = [program("usr/bin/a", "a"), module("m", "m")];
  for (const dependencies of [7, [7, null], [{ ref: 3 }], [{ ref: "a", dependsOn: [1, ["m"], "a", "gone"] }]]) {
    expect(pathsOf(components, dependencies)).toEqual([[]]);
  }
});

test("a document of countless programs is read in bounded time, and what is left over has no path", () => {
  const programs = Array.from({ length: 4000 }, (_, index) => program(`bin/${index}`, `p${index}`));
  const modules = Array.from({ length: 4000 }, (_, index) => module(`m${index}`, `m${index}`));
  const all = modules.map((_, index) => `m${index}`);
  const dependencies = [
    ...programs.map((_, index) => ({ ref: `p${index}`, dependsOn: ["hub"] })),
    { ref: "hub", dependsOn: all },
  ];
  const [first] = pathsOf([...programs, ...modules], dependencies);
  expect(first?.length).toBeGreaterThan(1000);
  expect(first?.length).toBeLessThan(1300);
});
