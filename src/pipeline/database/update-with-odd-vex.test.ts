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
  readonly modified: string;
  /** Fixed versions by package; undefined where there is none. */
  readonly osv: Readonly<Record<string, string | undefined>>;
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
  return async ({ modified, osv, vex }) => {
    const affected = Object.entries(osv).map(([name, fixed]) => {
      const events = [{ introduced: "0" }, ...(fixed === undefined ? [] : [{ fixed }])];
      return { package: { ecosystem: "Ubuntu:22.04:LTS", name }, ranges: [{ type: "ECOSYSTEM", events }] };
    });
    const record = { id: `UBUNTU-${cve}`, modified, upstream: [cve], affected };
    const osvFiles = [{ name: `osv/cve/2024/UBUNTU-${cve}.json`, content: JSON.stringify(record) }];
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

test("beside a document of which a package is lost the record stays as it was while OSV has no newer one", async () => {
  const update = await startUpdates();
  const first = await update(known);
  expect(first).toEqual({ facts: ["a open", "n not affected", "x open"], refused: 0 });
  for (const vex of [[said("affected", oddProduct)], [said("odd", source("a"))]]) {
    expect(await update({ ...known, vex })).toEqual({ ...first, refused: 1 });
  }
});
