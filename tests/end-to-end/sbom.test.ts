import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  elfProgram,
  framed,
  functionTable,
  inlineBuildInfo,
} from "../../src/extractors/binary/go/synthetic-executables.ts";
import type { Report } from "../../src/model/reports/report.ts";
import { cycloneDxValidator } from "../conformance/reports/cyclonedx-schema.ts";
import { describeWithCorpus } from "../setup/corpus.ts";
import { zip } from "../setup/zip.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeBucket, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

describeWithCorpus("the SBOM of an image", () => {
  test("is valid CycloneDX 1.6", async () => {
    writeImage(folder, "image.tar", [npmLayer("@scope/leaky", "1.5.0"), npmLayer("fine", "1.0.0-rc.1+build")]);
    const { code, stdout, stderr } = await plimsoll(["sbom", "image.tar", "--format", "cyclonedx"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const sbom = JSON.parse(stdout) as { specVersion: string; components: { purl: string }[] };
    expect(sbom.specVersion).toBe("1.6");
    expect(cycloneDxValidator("1.6")(sbom)).toEqual([]);
    expect(sbom.components.map(({ purl }) => purl)).toEqual(
      expect.arrayContaining(["pkg:npm/%40scope/leaky@1.5.0", "pkg:npm/fine@1.0.0-rc.1%2Bbuild"]),
    );
  });
});

test("a scan of an SBOM finds what a scan of the image finds", async () => {
  writeImage(folder, "leaky.tar", [npmLayer("leaky", "1.5.0"), npmLayer("odd", "1.0.0")]);
  await plimsoll(["db", "build", "--from", writeBucket(folder)]);
  writeFileSync(join(folder, "leaky.cdx.json"), (await plimsoll(["sbom", "leaky.tar"])).stdout);
  const found = async (target: string): Promise<string[]> => {
    const { stdout } = await plimsoll(["scan", target, "--format", "json"]);
    return (JSON.parse(stdout) as Report).findings.map(({ id, package: { purl } }) => `${id} ${purl}`);
  };
  expect(await found("leaky.tar")).toHaveLength(2);
  expect(await found("leaky.cdx.json")).toEqual(await found("leaky.tar"));
});

test("a scan of the SBOM of Go programs knows which packages each program has linked", async () => {
  const members = [
    { name: "bin/html", content: goProgram("html") },
    { name: "bin/http2", content: goProgram("http2") },
  ];
  writeImage(folder, "go.tar", [{ members }]);
  const bucket = join(folder, "go-bucket");
  mkdirSync(join(bucket, "Go"), { recursive: true });
  const records = ["html", "http2", "proxy"].map((name) => ({ name: `GO-${name}.json`, content: goRecord(name) }));
  writeFileSync(join(bucket, "Go", "all.zip"), zip(records));
  await plimsoll(["db", "build", "--from", bucket, "--db", "go.db"]);
  const direct = await plimsoll(["sbom", "go.tar"]);
  writeFileSync(join(folder, "go.cdx.json"), direct.stdout);
  const again = await plimsoll(["sbom", "go.cdx.json"]);
  writeFileSync(join(folder, "again.cdx.json"), again.stdout);
  const found = async (target: string): Promise<unknown> => {
    const { stdout } = await plimsoll(["scan", target, "--db", "go.db", "--format", "json"]);
    return (JSON.parse(stdout) as Report).findings.map((finding) => [finding.id, finding.package.paths]);
  };
  const expected = [
    ["GO-html", ["bin/html"]],
    ["GO-http2", ["bin/http2"]],
  ];
  expect(await found("go.tar")).toEqual(expected);
  expect(await found("go.cdx.json")).toEqual(expected);
  expect(await found("again.cdx.json")).toEqual(expected);
});

/** A program that has one package of golang.org/x/net. */
function goProgram(linked: string): Buffer {
  const modules = "path\texample.com/tool\nmod\texample.com/tool\tv1.0.0\ndep\tgolang.org/x/net\tv0.1.0\n";
  const info = inlineBuildInfo("go1.21.3", framed(modules));
  const names = ["runtime.main", "main.main", `golang.org/x/net/${linked}.Parse`];
  const table = functionTable(names, { bits: 64, form: "1.20" });
  const data = Buffer.concat([info, Buffer.alloc(16 - (info.length % 16)), table]);
  return elfProgram(data, { bits: 64, functions: data.length - table.length, machine: 62 });
}

function goRecord(name: string): string {
  const imports = [{ path: `golang.org/x/net/${name}` }];
  const ranges = [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "0.2.0" }] }];
  const affected = [
    { package: { ecosystem: "Go", name: "golang.org/x/net" }, ranges, ecosystem_specific: { imports } },
  ];
  return JSON.stringify({ id: `GO-${name}`, schema_version: "1.7.0", modified: "2024-01-02T03:04:05Z", affected });
}

test("an SBOM of a target that could not be read in full says so and ends with 3", async () => {
  writeImage(folder, "broken.tar", [npmLayer("fine", "1.0.0"), { bytes: Buffer.alloc(1024, "x") }]);
  const { code, stdout, stderr } = await plimsoll(["sbom", "broken.tar"]);
  expect(stdout).toContain("pkg:npm/fine@1.0.0");
  expect(stderr).toMatch(/^error: incomplete: layer 2 of 2: .+\n$/);
  expect(code).toBe(3);
});
