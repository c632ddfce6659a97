import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/model/reports/report.ts";
import { feedServer } from "../setup/feed-server.ts";
import { knownExploited, npmBucket } from "../setup/publisher-files.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { writeBucket } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

function writeDocument(name: string, ...purls: readonly string[]): string {
  const components = purls.map((purl) => {
    const [, type = "", path = "", version = ""] = /^pkg:([^/]+)\/(.+)@(.+)$/.exec(purl) ?? [];
    return { type: "library", name: `${type} ${path}`, version, purl };
  });
  writeFileSync(join(folder, name), JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components }));
  return name;
}

beforeAll(async () => {
  await plimsoll(["db", "build", "--from", writeBucket(folder), "--db", "a.sqlite"]);
  writeDocument("leaky.json", "pkg:npm/leaky@1.5.0");
  writeDocument("mixed.json", "pkg:npm/leaky@1.5.0", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1");
});

test("side tables that an update did not ask for are told with their age", async () => {
  const server = await feedServer({
    ...npmBucket([{ id: "CVE-2024-0001", name: "leaky", fixed: "2.0.0" }]),
    ...knownExploited(["CVE-2024-0001"]),
  });
  const feeds = (command: string, ...more: string[]) =>
    plimsoll(["db", command, "--mirror", server.address, "--db", "tables.sqlite", ...more], {
      env: { PLIMSOLL_OFFLINE: "0" },
    });
  const old = new Date(Date.now() - 59 * 86_400_000 - 3_600_000).toISOString();
  expect(await feeds("build", "--only", "npm,kev", "--date", old)).toMatchObject({ code: 0, stderr: "" });
  expect(await feeds("update", "--only", "npm")).toMatchObject({ code: 0, stderr: "" });
  const { code, stdout } = await plimsoll(["scan", "leaky.json", "--db", "tables.sqlite", "-f", "json"]);
  expect(code).toBe(0);
  expect((JSON.parse(stdout) as Report).database.limits).toEqual([
    "the data from CISA Known Exploited Vulnerabilities was last updated 59 days ago; run `plimsoll db update`",
  ]);
});

describe("scan --explain", () => {
  test("is not written as JSON, and says what is", async () => {
    const { code, stderr } = await plimsoll(["scan", "leaky.json", "--explain", "TEST-2024-1", "-f", "json"]);
    expect(code).toBe(2);
    expect(stderr).toContain("plimsoll why-not TEST-2024-1 leaky.json -f json");
  });

  test("of what is found names the gap for which the scan is incomplete, and that a record is built in", async () => {
    const { code, stdout } = await plimsoll(["scan", "mixed.json", "--db", "a.sqlite", "--explain", "CVE-2021-44228"]);
    expect(code).toBe(3);
    expect(stdout).toContain("from the records built into Plimsoll");
    expect(stdout).toContain("not examined 1; the vulnerability may be there:");
    expect(stdout).toContain("the database has no advisories for Maven");
  });
});

describe("an output that is a file which the command reads is refused", () => {
  const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));

  test.each([
    ["the database", ["scan", "leaky.json", "--db", "a.sqlite", "-o", "a.sqlite"], "the database"],
    ["the database by a link", ["scan", "leaky.json", "--db", "a.sqlite", "-o", "link.sqlite"], "the database"],
    ["the target", ["scan", "leaky.json", "--db", "a.sqlite", "-o", "leaky.json"], "the target"],
    ["the target with a scheme", ["sbom", "sbom:leaky.json", "-o", "./leaky.json"], "the target"],
    ["the target of why-not", ["why-not", "TEST-2024-1", "leaky.json", "-o", "leaky.json"], "the target"],
    ["a file of check", ["check", "manifests", "leaky.json", "-o", "leaky.json"], "the path"],
    ["the waivers", ["check", "host", "--waivers", "leaky.json", "-o", "leaky.json"], "the file of --waivers"],
    ["a file of check by a script", ["check", "manifests", "leaky.json", "--fix-script", "leaky.json"], "the path"],
    [
      "the waivers by facts",
      ["check", "host", "--waivers", "leaky.json", "--save", "leaky.json"],
      "the file of --waivers",
    ],
  ])("%s", async (title, args, what) => {
    if (title.endsWith("link")) symlinkSync("a.sqlite", join(folder, "link.sqlite"));
    const [database, document] = [bytesOf("a.sqlite"), bytesOf("leaky.json")];
    const { code, stderr } = await plimsoll(args);
    expect(stderr).toContain(`the output would overwrite ${what}`);
    expect(code).toBe(2);
    expect(bytesOf("a.sqlite").equals(database)).toBe(true);
    expect(bytesOf("leaky.json").equals(document)).toBe(true);
  });

  test("and a file that has the name of another option's value is none that the command reads", async () => {
    for (const args of [
      ["scan", "leaky.json", "--db", "a.sqlite", "-f", "json", "-o", "json"],
      ["scan", "leaky.json", "--db", "a.sqlite", "--fail-on", "critical", "-o", "critical"],
    ]) {
      expect((await plimsoll(args)).stderr).toBe("");
      expect(await plimsoll(args)).toMatchObject({ stderr: "", code: 0 });
    }
    writeFileSync(join(folder, "shop"), "old");
    const { stderr } = await plimsoll(["sbom", "docker:shop:1", "-o", "shop"]);
    expect(stderr).not.toContain("would replace");
  });

  test("and any other file is replaced", async () => {
    writeFileSync(join(folder, "old.txt"), "old");
    const { code } = await plimsoll(["scan", "leaky.json", "--db", "a.sqlite", "-o", "old.txt"]);
    expect(code).toBe(0);
    expect(bytesOf("old.txt").toString()).toContain("leaky");
  });
});
