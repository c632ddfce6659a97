import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const id = "CVE-2021-44228";
const purl = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";

function write(name: string, document: unknown): string {
  const path = join(plimsoll.folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, typeof document === "string" ? document : JSON.stringify(document));
  return path;
}

function openVex(product: unknown, status = "not_affected"): unknown {
  const statement = { vulnerability: { name: id }, products: [product], status };
  return { "@context": "https://openvex.dev/ns/v0.2.0", author: "Ann", statements: [statement] };
}

const cyclonedx = (ref: string, more: object = {}): unknown => ({
  bomFormat: "CycloneDX",
  ...more,
  vulnerabilities: [{ id, analysis: { state: "not_affected" }, affects: [{ ref }] }],
});

const csaf = (branch: object): unknown => ({
  document: { category: "csaf_vex", publisher: { name: "Ann" } },
  product_tree: { branches: [branch] },
  vulnerabilities: [{ cve: id, product_status: { known_not_affected: ["P"] } }],
});
const withoutVersion = purl.replace(/@.*/, "");
const csafProduct = (url: string) => ({ product_id: "P", product_identification_helper: { purl: url } });

beforeAll(() => {
  const components = [{ type: "library", name: "log4j-core", version: "2.14.1", purl }];
  write("bom.json", { bomFormat: "CycloneDX", specVersion: "1.6", components });
});

async function scan(document: unknown) {
  const vex = write("vex.json", document);
  const arguments_ = ["scan", "bom.json", "--policy", "none", "--fail-on", "critical", "-f", "json", "--vex", vex];
  const { code, stdout, stderr } = await plimsoll(arguments_);
  const report = code === 3 && stdout === "" ? undefined : (JSON.parse(stdout) as Report);
  const names = (list: readonly { readonly id: string }[] = []) => list.some((one) => one.id === id);
  return {
    code,
    stderr,
    vex: report?.vex,
    counts: names(report?.findings),
    suppressed: report?.suppressed.find(({ finding }) => finding.id === id),
  };
}

describe("scan --vex", () => {
  test.each([
    ["OpenVEX", openVex({ "@id": purl })],
    ["OpenVEX without a version", openVex({ "@id": withoutVersion })],
    ["OpenVEX with a package URL beside its id", openVex({ "@id": "x", identifiers: { purl } })],
    ["CycloneDX", cyclonedx(purl)],
    ["CycloneDX with bom-ref", cyclonedx("a", { components: [{ "bom-ref": "a", purl }] })],
    ["CSAF", csaf({ category: "product_version", name: "2.14.1", product: csafProduct(withoutVersion) })],
  ])("suppresses by %s and names the document", async (_, document) => {
    const { counts, suppressed } = await scan(document);
    expect(counts).toBe(false);
    expect(suppressed).toMatchObject({ by: "user", document: join(plimsoll.folder, "vex.json") });
  });

  test.each([
    ["another version", openVex({ "@id": `${withoutVersion}@2.0` })],
    ["another image", openVex({ "@id": "pkg:oci/other", subcomponents: [{ "@id": purl }] })],
    ["an unusable part", openVex({ "@id": purl, subcomponents: [{}] })],
    ["a status that does not suppress", openVex({ "@id": purl }, "affected")],
    [
      "a part of another product in CycloneDX",
      cyclonedx(purl, { metadata: { component: { "bom-ref": "m", name: "m", purl: "pkg:oci/m" } } }),
    ],
    ["a link to another SBOM", cyclonedx(`urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#${purl}`)],
    ["a version range in CSAF", csaf({ category: "product_version_range", product: csafProduct(withoutVersion) })],
  ])("does not suppress by %s", async (_, document) => {
    const { counts, suppressed, code } = await scan(document);
    expect({ counts, suppressed, code }).toEqual({ counts: true, suppressed: undefined, code: 1 });
  });

  test.each([
    ["another document", "{}", "not an OpenVEX, CSAF or CycloneDX document"],
    ["text", "no", "not valid JSON"],
    ["deep JSON", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, "nested deeper than"],
    ["an unknown status", openVex({ "@id": purl }, "fine"), "status"],
  ])("ends with an error for %s", async (_, document, message) => {
    const { code, stderr } = await scan(document);
    expect(code).toBe(3);
    expect(stderr).toContain(message);
  });

  test("suppresses the same findings by a document of scan --format openvex", async () => {
    const vex = write("vex.json", openVex({ "@id": purl }));
    const written = await plimsoll(["scan", "bom.json", "--vex", vex, "--format", "openvex"]);
    const { counts, suppressed } = await scan(written.stdout);
    expect(counts).toBe(false);
    expect(suppressed?.statement.author).toBe("Plimsoll");
    expect(suppressed?.statement.status_notes).toContain("Stated by Ann.");
  });

  test("supports one target only", async () => {
    const { code, stderr } = await plimsoll(["scan", "--registry", "localhost:1", "--vex", "vex.json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("--vex is supported for one target only");
  });

  test("why-not explains by the document", async () => {
    write("vex.json", openVex({ "@id": purl }));
    const { stdout } = await plimsoll(["why-not", id, "bom.json", "--vex", "vex.json"]);
    expect(stdout).toContain("in vex.json");
  });
});
