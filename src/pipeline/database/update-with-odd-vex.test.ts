// `updateDatabase` where Ubuntu's OpenVEX document on a CVE is odd, and what its OSV record says can be read.

import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../tests/setup/feed-server.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { xz } from "../../../tests/setup/xz.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { ubuntuFeed } from "../../advisories/feeds/ubuntu/ubuntu-feed.ts";
import { updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const cve = "CVE-2024-1000";

interface Published {
  readonly modified?: string;
  /** Fixed versions by package, undefined where there is none; a text that is not a record; absent for no record. */
  readonly osv?: Readonly<Record<string, string | undefined>> | string;
  readonly details?: string;
  readonly vex: readonly object[];
}

interface Update {
  /** `x 2-1`, `x open`, `x not affected`. */
  readonly facts: readonly string[];
  readonly refused: number;
}

async function startUpdates(): Promise<(published: Published) => Promise<Update>> {
  const server = await feedServer();
  const output = join(folder, `${new URL(server.address).port}.db`);
  return async ({ modified, osv, details, vex }) => {
    const affected = Object.entries(typeof osv === "string" ? {} : (osv ?? {})).map(entryOf);
    const record = { id: `UBUNTU-${cve}`, modified, upstream: [cve], affected, details };
    const other = { id: "UBUNTU-CVE-2024-2000", modified: before, affected: [entryOf(["z", "1"])] };
    const content = typeof osv === "string" ? osv : JSON.stringify(record);
    const osvFiles = [
      { name: "osv/cve/2024/UBUNTU-CVE-2024-2000.json", content: JSON.stringify(other) },
      ...(osv === undefined ? [] : [{ name: `osv/cve/2024/UBUNTU-${cve}.json`, content }]),
    ];
    const vexFiles = [{ name: `vex/cve/2024/${cve}.json`, content: JSON.stringify({ statements: vex }) }];
    server.put(`${ubuntuFeed.address}osv/osv-all.tar.xz`, xz(tar(osvFiles)));
    server.put(`${ubuntuFeed.address}vex/vex-all.tar.xz`, xz(tar(vexFiles)));
    const access = { mirror: server.address, attempts: 1 };
    const options = { output, feeds: [{ feed: ubuntuFeed }], builtAt: "2025-01-01T00:00:00Z", access, signal };
    const { refused } = await updateDatabase(options);
    const index = openAdvisoryDatabase(output);
    const facts = ["a", "n", "x", "y"].flatMap((name) => [
      ...index.find("Ubuntu", name).map((advisory) => {
        return `${name} ${advisory.affected?.[0]?.ranges?.[0]?.events[1]?.fixed ?? "open"}`;
      }),
      ...index.statements("Ubuntu", name).map(() => `${name} not affected`),
    ]);
    index.close();
    return { facts, refused };
  };
}

function entryOf([name, fixed]: readonly [string, string | undefined]): object {
  const events = [{ introduced: "0" }, ...(fixed === undefined ? [] : [{ fixed }])];
  return { package: { ecosystem: "Ubuntu:22.04:LTS", name }, ranges: [{ type: "ECOSYSTEM", events }] };
}

const said = (status: string, ...products: readonly string[]): object => ({
  vulnerability: { name: cve },
  status,
  products: products.map((product) => ({ "@id": product })),
});
const source = (name: string): string => `pkg:deb/ubuntu/${name}@1?arch=source&distro=jammy`;
const oddProduct = "pkg:deb/ubuntu/b?distro=jammy";
const clear = said("not_affected", source("n"));
const [before, after] = ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"];
const known = { modified: before, osv: { x: undefined }, vex: [said("affected", source("a")), clear] };

test.each([
  ["an odd product", [said("affected", source("a"), oddProduct), clear]],
  ["a status that is not known", [said("affected", source("a")), said("odd", source("b")), clear]],
])("a newer OSV record counts beside %s, with what of the document is clear", async (_, vex) => {
  const update = await startUpdates();
  await update(known);
  const renewed = { facts: ["a open", "n not affected", "x 2-1", "y open"], refused: 1 };
  expect(await update({ modified: after, osv: { x: "2-1", y: undefined }, vex })).toEqual(renewed);
  expect(await update({ modified: after, osv: { x: "2-1", y: undefined }, vex })).toEqual(renewed);
  const { vex: good } = known;
  const whole = { ...renewed, refused: 0 };
  expect(await update({ modified: after, osv: { x: "2-1", y: undefined }, vex: good })).toEqual(whole);
});

test.each([
  ["its only statement has a status that is not known", [said("odd", source("a"))], []],
  ["a statement about another package is clear", [said("odd", source("a")), clear], ["n not affected"]],
  ["it clears what OSV has a fix for", [said("odd", source("a")), said("not_affected", source("x"))], []],
  ["nothing in it is about a CVE", [{ status: "affected" }], []],
])("what a document alone said stays beside a newer OSV record where %s", async (_, vex, cleared) => {
  const update = await startUpdates();
  await update(known);
  const newer = { modified: after, osv: { x: "2-1", y: undefined } };
  const renewed = { facts: ["a open", ...cleared, "x 2-1", "y open"], refused: 1 };
  expect(await update({ ...newer, vex })).toEqual(renewed);
  expect(await update({ ...newer, vex })).toEqual(renewed);
  const cleanNow = [said("odd", source("b")), said("not_affected", source("a"))];
  expect(await update({ ...newer, vex: cleanNow })).toEqual({
    facts: ["a not affected", "x 2-1", "y open"],
    refused: 1,
  });
  expect(await update({ ...newer, vex: [clear] })).toEqual({
    facts: ["n not affected", "x 2-1", "y open"],
    refused: 0,
  });
});

test("beside a document of which a package is lost the record stays as it was while OSV has no newer one", async () => {
  const update = await startUpdates();
  const first = await update(known);
  expect(first).toEqual({ facts: ["a open", "n not affected", "x open"], refused: 0 });
  for (const vex of [[said("affected", oddProduct)], [said("odd", source("a"))]]) {
    expect(await update({ ...known, vex })).toEqual({ ...first, refused: 1 });
  }
});

test.each([
  ["cannot be read either", "{"],
  ["is gone", undefined],
])("beside an odd document nothing that was affected is lost when OSV's newer record %s", async (_, osv) => {
  const update = await startUpdates();
  await update(known);
  const vex = [said("odd", source("a")), said("affected", source("n"))];
  const kept = ["a open", "n open", "x 2-1", "y open"];
  const newer = { modified: after, osv: { x: "2-1", y: undefined } };
  expect((await update({ ...newer, vex })).facts).toEqual(kept);
  for (let times = 0; times < 2; times++) {
    expect((await update({ ...(osv !== undefined && { osv }), vex })).facts).toEqual(kept);
  }
  expect((await update({ ...newer, vex })).facts).toEqual(kept);
  expect(await update({ ...newer, vex: [clear] })).toEqual({
    facts: ["n not affected", "x 2-1", "y open"],
    refused: 0,
  });
});

test("OSV's first record counts beside an odd document, also when the document is younger", async () => {
  const update = await startUpdates();
  const affected = { ...said("affected", source("a")), timestamp: "2024-03-01T00:00:00Z" };
  expect((await update({ vex: [affected] })).facts).toEqual(["a open"]);
  for (const vex of [
    [affected, said("odd", source("b"))],
    [said("odd", source("a")), clear],
  ]) {
    const { facts } = await update({ modified: after, osv: { x: "2-1" }, vex });
    expect(facts.filter((fact) => !fact.startsWith("n "))).toEqual(["a open", "x 2-1"]);
  }
});

test("beside a newer OSV record that names no package what the odd document clears is cleared", async () => {
  const update = await startUpdates();
  await update(known);
  const vex = [said("odd", source("b")), said("not_affected", source("a"))];
  const cleared = { facts: ["a not affected", "x open"], refused: 1 };
  expect(await update({ modified: after, osv: {}, vex })).toEqual(cleared);
  expect(await update({ modified: after, osv: {}, vex })).toEqual(cleared);
  const all = [...vex, said("not_affected", source("x"))];
  const none = { facts: ["a not affected", "x not affected"], refused: 1 };
  expect(await update({ modified: after, osv: {}, vex: all })).toEqual(none);
  expect(await update({ modified: after, osv: {}, vex: all })).toEqual(none);
});

test("what was stated stays beside an odd document where OSV names no package and nothing was affected", async () => {
  const update = await startUpdates();
  await update({ modified: before, osv: {}, vex: [clear] });
  const vex = [said("odd", source("n"))];
  expect(await update({ modified: after, osv: {}, vex })).toEqual({ facts: ["n not affected"], refused: 1 });
});

test("a CVE that OSV calls rejected is passed over, whatever cannot be read of its document", async () => {
  const update = await startUpdates();
  await update(known);
  const rejected = { modified: after, osv: { x: "2-1" }, details: "** REJECTED ** Not a flaw." };
  expect((await update({ ...rejected, vex: [said("odd", source("b"))] })).facts).toEqual([]);
});
