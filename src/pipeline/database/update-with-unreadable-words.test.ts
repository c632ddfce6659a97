// `updateDatabase` where what a publisher says of one package becomes unreadable: what was known of it stays.

import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../tests/setup/feed-server.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { xz } from "../../../tests/setup/xz.ts";
import type { AdvisoryFeed } from "../../advisories/advisory-feed.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { alpineFeed } from "../../advisories/feeds/alpine/alpine-feed.ts";
import { debianFeed } from "../../advisories/feeds/debian/debian-feed.ts";
import { kubernetesFeed } from "../../advisories/feeds/kubernetes/kubernetes-feed.ts";
import { ubuntuFeed } from "../../advisories/feeds/ubuntu/ubuntu-feed.ts";
import { updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const cve = "CVE-2024-1000";

interface Case {
  readonly feed: AdvisoryFeed;
  readonly files: (word: unknown) => Readonly<Record<string, string | Buffer>>;
  readonly words: readonly unknown[];
  readonly good: unknown;
}

const open = { releases: { trixie: { status: "open" } } };
const alpine = (secfixes: unknown): unknown => ({ pkg: { name: "a", secfixes } });
const kubernetesRecord = (name: string, modified: unknown): unknown => ({
  id: name === "a" ? cve : "CVE-2020-9999",
  modified,
  affected: [{ package: { ecosystem: "Kubernetes", name }, versions: ["1.0.0"] }],
});
const statement = (name: string, vulnerability: unknown): object => ({
  vulnerability: { name: vulnerability },
  status: "affected",
  products: [{ "@id": `pkg:deb/ubuntu/${name}@1?arch=source&distro=jammy` }],
});

const cases: Readonly<Record<string, Case>> = {
  debian: {
    feed: debianFeed,
    files: (word) => ({ "data/json": JSON.stringify({ a: word, z: { "CVE-2020-9999": open } }) }),
    good: { [cve]: open },
    words: [
      [{ [cve]: open }],
      { [cve]: { releases: { trixie: { status: "Open" } } } },
      { [cve]: { releases: "trixie" } },
    ],
  },
  alpine: {
    feed: alpineFeed,
    files: (word) => {
      const packages = [word, { pkg: { name: "z", secfixes: { "1-r0": ["CVE-2020-9999"] } } }];
      return { "edge/main.json": JSON.stringify({ distroversion: "edge", packages }) };
    },
    good: alpine({ "2-r0": [cve] }),
    words: [
      alpine({ "2-r0": cve }),
      alpine({ "2-r0": [{ id: cve }] }),
      alpine([`2-r0: ${cve}`]),
      [alpine({ "2-r0": [cve] })],
    ],
  },
  kubernetes: {
    feed: kubernetesFeed,
    files: (word) => ({
      "archive/refs/heads/main.tar.gz": tar([
        { name: `main/vulns/${cve}.json`, content: JSON.stringify(word) },
        {
          name: "main/vulns/CVE-2020-9999.json",
          content: JSON.stringify(kubernetesRecord("z", "2024-01-01T00:00:00Z")),
        },
      ]),
    }),
    good: kubernetesRecord("a", "2024-01-01T00:00:00Z"),
    words: [kubernetesRecord("a", "yesterday"), []],
  },
  ubuntu: {
    feed: ubuntuFeed,
    files: (word) => {
      const affected = [{ package: { ecosystem: "Ubuntu:22.04:LTS", name: "z" }, versions: ["1"] }];
      const other = { id: "UBUNTU-CVE-2020-9999", modified: "2024-01-01T00:00:00Z", affected };
      const osv = [{ name: "osv/cve/2020/UBUNTU-CVE-2020-9999.json", content: JSON.stringify(other) }];
      const vex = [{ name: `vex/cve/2024/${cve}.json`, content: JSON.stringify(word) }];
      return { "osv/osv-all.tar.xz": xz(tar(osv)), "vex/vex-all.tar.xz": xz(tar(vex)) };
    },
    good: { statements: [statement("a", cve)] },
    words: [
      { statements: [statement("a", 3), statement("b", cve)] },
      { statements: {} },
      {
        statements: [{ ...statement("a", cve), products: [{ "@id": 7 }, { "@id": "pkg:deb/ubuntu/a@1?arch=amd64" }] }],
      },
    ],
  },
  "ubuntu, beside a fix that can be read": {
    feed: ubuntuFeed,
    files: (word) => {
      const ranges = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "8.5-3" }] }];
      const record = (id: string, name: string): { name: string; content: string } => {
        const affected = [{ package: { ecosystem: "Ubuntu:22.04:LTS", name }, ranges }];
        const content = JSON.stringify({
          id: `UBUNTU-${id}`,
          modified: "2024-01-01T00:00:00Z",
          upstream: [id],
          affected,
        });
        return { name: `osv/cve/${id.slice(4, 8)}/UBUNTU-${id}.json`, content };
      };
      const vex = [{ name: `vex/cve/2024/${cve}.json`, content: JSON.stringify(word) }];
      return {
        "osv/osv-all.tar.xz": xz(tar([record(cve, "x"), record("CVE-2020-9999", "z")])),
        "vex/vex-all.tar.xz": xz(tar(vex)),
      };
    },
    good: { statements: [statement("a", cve)] },
    words: [
      { statements: [statement("a", 3), statement("x", cve)] },
      {},
      { statements: [{ ...statement("a", cve), status: "odd" }] },
    ],
  },
  "debian's unstable": {
    feed: debianFeed,
    files: (word) => ({
      "data/json": JSON.stringify({ a: word, z: { "CVE-2020-9999": { releases: { forky: open.releases.trixie } } } }),
    }),
    good: { [cve]: { releases: { sid: { status: "resolved", fixed_version: "2-1" } } } },
    words: [5, ["2-1"]].map((fixed_version) => ({
      [cve]: { releases: { sid: { status: "resolved", fixed_version } } },
    })),
  },
};

test.each(Object.entries(cases))(
  "a word of %s that cannot be read leaves the finding, at each update",
  async (id, value) => {
    const { feed, files, good, words } = value;
    const server = await feedServer();
    const output = join(folder, `${id}.db`);
    const update = async (word: unknown): Promise<{ found: string[]; refused: number }> => {
      for (const [path, content] of Object.entries(files(word))) server.put(`${feed.address}${path}`, content);
      const access = { mirror: server.address, attempts: 1 };
      const { refused } = await updateDatabase({
        output,
        feeds: [{ feed }],
        builtAt: "2025-01-01T00:00:00Z",
        access,
        signal,
      });
      const index = openAdvisoryDatabase(output);
      const found = feed.ecosystems.flatMap((ecosystem) =>
        ["a", "z"].flatMap((name) => [...index.find(ecosystem, name)]),
      );
      index.close();
      return { found: found.map((advisory) => advisory.id.replace(/^.*CVE/, "CVE")), refused };
    };
    const both = [cve, "CVE-2020-9999"];
    expect(await update(good)).toEqual({ found: both, refused: 0 });
    for (const word of words) expect(await update(word)).toEqual({ found: both, refused: 1 });
    expect(await update(good)).toEqual({ found: both, refused: 0 });
  },
);

interface StatedCase {
  readonly feed: AdvisoryFeed;
  readonly files: (isOdd: boolean) => Readonly<Record<string, string | Buffer>>;
  /** Results of each update for both packages: the ids of advisories, and packages that are not affected. */
  readonly found: readonly string[];
}

const clear = { releases: { trixie: { status: "resolved", fixed_version: "0" } } };
const ubuntuRecord = (cve: string, modified: string): { name: string; content: string } => {
  const ranges = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "8.5-3" }] }];
  const affected = [{ package: { ecosystem: "Ubuntu:22.04:LTS", name: "a" }, ranges }];
  const content = JSON.stringify({ id: `UBUNTU-${cve}`, modified, upstream: [cve], affected });
  return { name: `osv/cve/2024/UBUNTU-${cve}.json`, content };
};

const stated: Readonly<Record<string, StatedCase>> = {
  debian: {
    feed: debianFeed,
    files: (isOdd) => {
      const tracker = { a: { [cve]: isOdd ? { releases: "trixie" } : clear }, z: { [cve]: open } };
      return { "data/json": JSON.stringify({ ...tracker, y: { "CVE-2020-9999": open } }) };
    },
    found: [`not affected by ${cve}: a`, `DEBIAN-${cve}: z`],
  },
  alpine: {
    feed: alpineFeed,
    files: (isOdd) => {
      const z = { pkg: { name: "z", secfixes: { "2-r0": [cve] } } };
      const other = { pkg: { name: "y", secfixes: { "1-r0": ["CVE-2020-9999"] } } };
      const packages = [alpine({ "0": isOdd ? cve : [cve] }), z, other];
      return { "edge/main.json": JSON.stringify({ distroversion: "edge", packages }) };
    },
    found: [`not affected by ${cve}: a`, `ALPINE-${cve}: z`],
  },
  ubuntu: {
    feed: ubuntuFeed,
    files: (isOdd) => {
      const date = "2024-01-01T00:00:00Z";
      const osv = [ubuntuRecord(cve, isOdd ? "yesterday" : date), ubuntuRecord("CVE-2024-9999", date)];
      const vex = { statements: ["a", "z"].map((name) => ({ ...notAffected, ...productOf(name) })) };
      return {
        "osv/osv-all.tar.xz": xz(tar(osv)),
        "vex/vex-all.tar.xz": xz(tar([{ name: `vex/cve/2024/${cve}.json`, content: JSON.stringify(vex) }])),
      };
    },
    found: [`UBUNTU-${cve}: a`, "UBUNTU-CVE-2024-9999: a", `not affected by ${cve}: z`],
  },
};

const notAffected = { vulnerability: { name: cve }, status: "not_affected" };
const productOf = (name: string): object => ({
  products: [{ "@id": `pkg:deb/ubuntu/${name}@1?arch=source&distro=jammy` }],
});

test.each(Object.entries(stated))(
  "what %s states of packages stays with the record of which something cannot be read, and nothing is stated against it",
  async (id, { feed, files, found }) => {
    const server = await feedServer();
    const output = join(folder, `stated-${id}.db`);
    for (const isOdd of [false, true, true, false]) {
      for (const [path, content] of Object.entries(files(isOdd))) server.put(`${feed.address}${path}`, content);
      const access = { mirror: server.address, attempts: 1 };
      await updateDatabase({ output, feeds: [{ feed }], builtAt: "2025-01-01T00:00:00Z", access, signal });
      const index = openAdvisoryDatabase(output);
      const [ecosystem = ""] = feed.ecosystems;
      const after = ["a", "z"].flatMap((name) => [
        ...Array.from(index.find(ecosystem, name), (advisory) => `${advisory.id}: ${name}`),
        ...Array.from(
          index.statements(ecosystem, name),
          ({ vulnerability }) => `not affected by ${vulnerability.name}: ${name}`,
        ),
      ]);
      index.close();
      expect(after).toEqual(found);
    }
  },
);

test("what was stated is not held against what stands in where no record was", async () => {
  const server = await feedServer();
  const output = join(folder, "stand-in.db");
  const found: string[][] = [];
  for (const z of [clear, open]) {
    const a = z === clear ? clear : { releases: "trixie" };
    const tracker = { a: { [cve]: a }, z: { [cve]: z }, y: { "CVE-2020-9999": open } };
    server.put(`${debianFeed.address}data/json`, JSON.stringify(tracker));
    const access = { mirror: server.address, attempts: 1 };
    await updateDatabase({ output, feeds: [{ feed: debianFeed }], builtAt: "2025-01-01T00:00:00Z", access, signal });
    const index = openAdvisoryDatabase(output);
    const [affected, stated] = [index.find("Debian", "z"), index.statements("Debian", "z")];
    found.push([...Array.from(affected, ({ id }) => id), ...Array.from(stated, ({ status }) => status)]);
    index.close();
  }
  expect(found).toEqual([["not_affected"], [`DEBIAN-${cve}`]]);
});
