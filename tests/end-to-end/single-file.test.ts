import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { corpusBytes, describeWithCorpus } from "../setup/corpus.ts";
import { readReportSchema } from "../setup/report-schema.ts";
import { zip } from "../setup/zip.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

const log4j = zip([
  {
    name: "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties",
    content: "groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n",
  },
]);
const lock = JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/lodash": { version: "4.17.15" } } });

beforeAll(() => {
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "log4j-core-2.14.1.jar": log4j,
    "app.war": zip([{ name: "WEB-INF/lib/log4j-core-2.14.1.jar", content: log4j }]),
    "PyYAML-5.0-py3-none-any.whl": zip([
      { name: "PyYAML-5.0.dist-info/METADATA", content: "Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.0\n" },
    ]),
    "package-lock.json": lock,
    "dev-requirements.txt": "PyYAML==5.0\n",
    "unpinned-requirements.txt": "PyYAML\n",
    "bom.json": JSON.stringify({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      components: [{ type: "library", name: "lodash", version: "4.17.15", purl: "pkg:npm/lodash@4.17.15" }],
    }),
    "words.txt": "only words\n",
    "bun.lockb": "words",
    "broken.jar": "not a ZIP archive",
    "lib/package-lock.json": lock,
  };
  mkdirSync(join(folder, "lib"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  symlinkSync("app.war", join(folder, "link.war"));
});

async function scan(target: string): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout } = await plimsoll(["scan", target, "--format", "json"]);
  return { code, report: JSON.parse(stdout) as Report };
}

describe("a single file", () => {
  const nested = "!/WEB-INF/lib/log4j-core-2.14.1.jar";

  test.each([
    ["log4j-core-2.14.1.jar", "CVE-2021-44228", "log4j-core-2.14.1.jar"],
    ["app.war", "CVE-2021-44228", `app.war${nested}`],
    ["link.war", "CVE-2021-44228", `link.war${nested}`],
    ["file:app.war", "CVE-2021-44228", `app.war${nested}`],
    ["PyYAML-5.0-py3-none-any.whl", "CVE-2017-18342", "PyYAML-5.0-py3-none-any.whl!/PyYAML-5.0.dist-info/METADATA"],
    ["package-lock.json", "CVE-2020-8203", "package-lock.json"],
    ["lib/package-lock.json", "CVE-2020-8203", "package-lock.json"],
    ["dev-requirements.txt", "CVE-2017-18342", "dev-requirements.txt"],
  ])("%s is scanned as what it is", async (target, id, path) => {
    const { code, report } = await scan(target);
    expect(code).toBe(0);
    expect(report.target).toEqual({ kind: "file", name: target.replace("file:", "") });
    expect(report.packages.map(({ paths }) => paths)).toEqual([[path]]);
    expect(report.findings.map((finding) => finding.id)).toContain(id);
    expect(report.problems).toEqual([]);
    expect(report.unread).toBeUndefined();
    expect(readReportSchema("report.schema.json").errorsOf(report)).toEqual([]);
  });

  test("gives an SBOM", async () => {
    const { code, stdout } = await plimsoll(["sbom", "app.war"]);
    expect(code).toBe(0);
    const { metadata, components } = JSON.parse(stdout);
    expect(metadata.component).toMatchObject({ type: "application", name: "app.war" });
    expect(components.map(({ purl }: { readonly purl: string }) => purl)).toEqual([
      "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
    ]);
  });

  test("that is an SBOM stays one", async () => {
    const { report } = await scan("bom.json");
    expect(report.target.kind).toBe("sbom");
    expect(report.packages).toHaveLength(1);
  });

  test.each([
    ["unpinned-requirements.txt", '"PyYAML" does not pin a version'],
    ["broken.jar", "broken.jar is not a ZIP archive"],
  ])("%s that cannot be read completely is not called clean", async (target, problem) => {
    const { code, report } = await scan(target);
    expect(code).toBe(3);
    expect(report.problems.map(({ message }) => message).join()).toContain(problem);
    expect(report.verdict.decision).toBe("cannot-tell");
  });

  test.each([
    ["words.txt", 3, "words.txt is not an image archive, an SBOM or a file whose packages Plimsoll can read"],
    ["bun.lockb", 3, "a lock file: Gemfile.lock,"],
    ["file:words.txt", 3, "words.txt is not an image archive"],
    ["file:nothing.jar", 3, "nothing.jar does not exist"],
    ["nothing.jar", 3, "nothing.jar does not exist"],
    ["file:///app.war", 2, "file: must be followed by a name, without //"],
  ])("%s is one error that says what is supported", async (target, expected, message) => {
    const { code, stdout, stderr } = await plimsoll(["scan", target]);
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
  });

  test("has no configuration of an image", async () => {
    const { code, stderr } = await plimsoll(["check", "image", "app.war"]);
    expect(stderr).toMatch(/^error: app\.war is not an image/);
    expect(code).toBe(2);
  });
});

describeWithCorpus("a program", () => {
  test.each([
    ["golang/scalibr-gobinary/files/binary_with_module_replacement-windows-amd64.gz", "golang"],
    ["golang/scalibr-gobinary/files/binary_with_module_replacement-darwin-arm64.gz", "golang"],
    ["rust/scalibr-cargoauditable/files/uses_serde_json/uses_serde_json", "cargo"],
  ])("%s gives its modules or crates, whatever its name", async (path, type) => {
    writeFileSync(join(folder, "program"), corpusBytes("language", path));
    const { report } = await scan("program");
    expect(report.target.kind).toBe("file");
    expect(new Set(report.packages.map((found) => found.type))).toEqual(new Set([type]));
    expect(report.packages.every(({ paths }) => paths.join() === "program")).toBe(true);
  });
});
