import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { advisoryIndex } from "../../../tests/setup/advisory-index.ts";
import { tarTree } from "../../../tests/setup/tar-tree.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { zip } from "../../../tests/setup/zip.ts";
import { extractors } from "../../extractors/builtin.ts";
import type { Package } from "../../model/packages/package.ts";
import type { Contents, Report } from "../../model/reports/report.ts";
import { cyclonedx } from "../../reporters/formats/cyclonedx/cyclonedx.ts";
import { inventory } from "../inventory/inventory.ts";
import { InventoryCache } from "../inventory/inventory-cache.ts";
import { archivesWithoutGroup } from "./archives-without-group.ts";
import { examineTarget } from "./examine-target.ts";
import { judgeContents } from "./scan.ts";

const folder = temporaryFolder();
const documents = temporaryFolder();
const now = new Date("2026-01-02T00:00:00Z");
const options = { verifyDigests: false, signal: new AbortController().signal, now };
/** That there is something about Maven at all, and about one that a folder below has without its version. */
const index = advisoryIndex(
  ["org.example:other", "com.example:known"].map((name) => ({
    id: `GHSA-${name}`,
    modified: "2024-01-01T00:00:00Z",
    aliases: [],
    affected: [
      {
        package: { ecosystem: "Maven", name },
        ranges: [{ type: "ECOSYSTEM" as const, events: [{ introduced: "0" }, { fixed: "2" }] }],
      },
    ],
  })),
);
const content = zip([{ name: "com/example/A.class", content: "class" }]);

async function clausesFor(...names: readonly string[]): Promise<readonly string[]> {
  const { packages } = await inventory(
    [{ tree: tarTree(names.map((name) => ({ name, content }))), name: "", verifies: true }],
    { extractors, cache: new InventoryCache(undefined, []), signal: options.signal },
  );
  return archivesWithoutGroup(packages, index);
}

test("Java archives that nothing names, or whose group nothing tells, are named as not compared", async () => {
  const start = "Java archives without a group id were not compared: ";
  expect(await clausesFor("app/thing.jar", "app/other-1.0.jar")).toEqual([`${start}other 1.0, thing`]);
  const many = Array.from({ length: 7 }, (_, index) => `app/thing${index}.jar`);
  expect(await clausesFor(...many)).toEqual([`${start}thing0, thing1, thing2, thing3, thing4 and 2 more`]);
  expect(await clausesFor("app/commons-io-2.6.jar")).toEqual([]);
});

test("a group that may be a guess counts where an advisory or the fame of the artifact speaks for it", () => {
  const named = (name: string, more: Partial<Package> = { groupIsGuess: true }): Package => ({
    ...{ type: "maven", name, version: "1.0", purl: "pkg:maven/a/a@1.0", paths: [], layer: null },
    ...more,
  });
  const known = advisoryIndex([
    { id: "GHSA-1", modified: "2024-01-01T00:00:00Z", affected: [{ package: { ecosystem: "Maven", name: "a:a" } }] },
  ]);
  const clause =
    "Java archives that may lack a group id were compared by name alone, which matches no advisory: log4j-core 1.0";
  expect(archivesWithoutGroup([named("log4j-core:log4j-core")], known)).toEqual([clause]);
  expect(archivesWithoutGroup([named("log4j-core:log4j-core"), named("thing", {})], known)).toEqual([
    "Java archives without a group id were not compared: thing 1.0",
    clause,
  ]);
  expect(archivesWithoutGroup([named("a:a"), named("commons-io:commons-io"), named("b:b", {})], known)).toEqual([]);
});

describe("Java archives without a group or a version", () => {
  function judged(contents: Contents): Report {
    return judgeContents({ contents, index, failures: [], known: undefined }, { ...options, failOn: "low" }).report;
  }

  async function fromTargetAndSbom(name: string, files: Readonly<Record<string, Uint8Array>>): Promise<Contents[]> {
    const root = join(folder, name);
    mkdirSync(root);
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(root, file), bytes);
    const target = await examineTarget(`dir:${root}`, options);
    const path = join(documents, `${name}.cdx.json`);
    writeFileSync(path, [...cyclonedx(target)].join(""));
    return [target, await examineTarget(`sbom:${path}`, options)];
  }

  test("are the same from a target and from its SBOM, and so is the verdict", async () => {
    const files = { "thing.jar": content, "other-1.0.jar": content, "spring-core.jar": content };
    const both = await fromTargetAndSbom("silent", files);
    for (const contents of both) {
      expect(contents.packages.map(({ name, version }) => `${name} ${version}`.trim())).toEqual([
        "org.springframework:spring-core",
        "other 1.0",
        "thing",
      ]);
      expect(contents.problems).toEqual([]);
      const { verdict, database } = judged(contents);
      expect(verdict.decision).toBe("allowed");
      expect(database.limits).toEqual(["Java archives without a group id were not compared: other 1.0, thing"]);
    }
  });

  test("leave the verdict open from both where advisories need a version that nothing tells", async () => {
    const known = zip([{ name: "META-INF/maven/com.example/known/pom.properties", content: "version=?" }]);
    const [target, fromSbom] = (await fromTargetAndSbom("known", { "app.jar": known })).map(judged);
    expect(target?.verdict.decision).toBe("cannot-tell");
    expect(fromSbom?.verdict).toEqual(target?.verdict);
    expect(fromSbom?.problems).toEqual(target?.problems);
  });
});
