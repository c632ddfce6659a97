// `updateDatabase` where records cannot be read.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../tests/setup/feed-server.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { xz } from "../../../tests/setup/xz.ts";
import type { AdvisoryFeed } from "../../advisories/advisory-feed.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { exampleDocument } from "../../advisories/feeds/csaf/example-document.ts";
import { redHatFeed } from "../../advisories/feeds/red-hat/red-hat-feed.ts";
import { ubuntuFeed } from "../../advisories/feeds/ubuntu/ubuntu-feed.ts";
import { updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const redHat = redHatFeed.address;

/** What the database holds, in short, and how many records an update said that it could not read. */
async function update(server: FeedServer, feed: AdvisoryFeed): Promise<{ facts: string[]; refused: number }> {
  const output = join(folder, `${feed.id}-${new URL(server.address).port}.db`);
  const access = { mirror: server.address, attempts: 1 };
  const updated = await updateDatabase({ output, feeds: [{ feed }], builtAt: "2025-01-01T00:00:00Z", access, signal });
  const index = openAdvisoryDatabase(output);
  const facts = feed.ecosystems.flatMap((ecosystem) => [
    ...index.find(ecosystem, "tool").map((advisory) => {
      const [entry] = advisory.affected ?? [];
      return `${advisory.id} ${entry?.ranges?.[0]?.events[1]?.fixed ?? "without a fix"}`;
    }),
    ...index.statements(ecosystem, "spared").map(({ vulnerability }) => `spared by ${vulnerability.name}`),
  ]);
  index.close();
  return { facts, refused: updated.refused };
}

/** `tool` is fixed in a version, `spared` is not affected. */
function documentOf(cve: string, version: string): string {
  const components = { tool: `pkg:rpm/redhat/tool@${version}?arch=x86_64`, spared: "pkg:rpm/redhat/spared" };
  return JSON.stringify(
    exampleDocument({
      cve,
      platforms: { "BaseOS-9": "cpe:/o:redhat:enterprise_linux:9::baseos" },
      components,
      status: { fixed: ["BaseOS-9 > tool"], known_not_affected: ["BaseOS-9 > spared"] },
    }),
  );
}

function putArchive(server: FeedServer, documents: Readonly<Record<string, string>>): void {
  const archive = zstdCompressSync(tar(Object.entries(documents).map(([name, content]) => ({ name, content }))));
  const sha256 = createHash("sha256").update(archive).digest("hex");
  server.put(`${redHat}archive_latest.txt`, "csaf_vex_2024-05-01.tar.zst\n");
  server.put(`${redHat}csaf_vex_2024-05-01.tar.zst`, archive);
  server.put(`${redHat}csaf_vex_2024-05-01.tar.zst.sha256`, `${sha256} csaf_vex_2024-05-01.tar.zst\n`);
}

test.each([
  ["no JSON", "{"],
  ["about no CVE", documentOf("RHSA-1", "9-1.el9")],
])("a document of Red Hat's in the archive that is %s leaves what the one before it said", async (_, broken) => {
  const server = await feedServer();
  const other = { "2024/cve-2024-0002.json": documentOf("CVE-2024-0002", "2-1.el9") };
  putArchive(server, { "2024/cve-2024-0001.json": documentOf("CVE-2024-0001", "1-1.el9"), ...other });
  const before = [
    "REDHAT-CVE-2024-0001 0:1-1.el9",
    "REDHAT-CVE-2024-0002 0:2-1.el9",
    "spared by CVE-2024-0001",
    "spared by CVE-2024-0002",
  ];
  expect(await update(server, redHatFeed)).toEqual({ facts: before, refused: 0 });
  putArchive(server, { "2024/cve-2024-0001.json": broken, ...other });
  for (let times = 0; times < 2; times++) {
    expect(await update(server, redHatFeed)).toEqual({ facts: before, refused: 1 });
  }
  putArchive(server, other);
  expect((await update(server, redHatFeed)).facts).toEqual([
    "REDHAT-CVE-2024-0002 0:2-1.el9",
    "spared by CVE-2024-0002",
  ]);
});

test("a changed document of Red Hat's that cannot be read is told, and asked for, at each update until it can", async () => {
  const server = await feedServer();
  const path = "2024/cve-2024-0001.json";
  putArchive(server, { [path]: documentOf("CVE-2024-0001", "1-1.el9") });
  server.put(`${redHat}changes.csv`, `"${path}","2024-04-01T00:00:00+00:00"\n`);
  server.put(`${redHat}deletions.csv`, "");
  const before = ["REDHAT-CVE-2024-0001 0:1-1.el9", "spared by CVE-2024-0001"];
  expect(await update(server, redHatFeed)).toEqual({ facts: before, refused: 0 });
  server.put(`${redHat}${path}`, "{");
  server.put(`${redHat}changes.csv`, `"${path}","2024-06-01T00:00:00+00:00"\n`);
  for (const time of ["2024-06-01", "2024-07-01", "2024-08-01"]) {
    const later = `"2024/cve-2024-0003.json","${time}T12:00:00+00:00"\n`;
    server.put(`${redHat}2024/cve-2024-0003.json`, documentOf("CVE-2024-0003", "3-1.el9"));
    server.put(`${redHat}changes.csv`, `${later}"${path}","2024-06-01T00:00:00+00:00"\n`);
    const { facts, refused } = await update(server, redHatFeed);
    expect(facts).toEqual(expect.arrayContaining(before));
    expect(refused).toBe(1);
  }
  server.put(`${redHat}${path}`, documentOf("CVE-2024-0001", "1-2.el9"));
  const { facts, refused } = await update(server, redHatFeed);
  expect(facts[0]).toBe("REDHAT-CVE-2024-0001 0:1-2.el9");
  expect(refused).toBe(0);
});

/** `tool` is fixed in a version that cannot be read, `other` in one that can. */
function partOf(cve: string): string {
  const components = {
    tool: "pkg:rpm/redhat/tool@none?arch=x86_64",
    other: "pkg:rpm/redhat/other@1-1.el9",
    spared: "pkg:rpm/redhat/spared",
  };
  return JSON.stringify(
    exampleDocument({
      cve,
      platforms: { "BaseOS-9": "cpe:/o:redhat:enterprise_linux:9::baseos" },
      components,
      status: { fixed: ["BaseOS-9 > tool", "BaseOS-9 > other"], known_not_affected: ["BaseOS-9 > spared"] },
    }),
  );
}

test.each(["the archive", "a changed document"])(
  "of %s of Red Hat's that can be read in part the record from before stays, and where there was none what can be read",
  async (where) => {
    const server = await feedServer();
    const paths = ["2024/cve-2024-0001.json", "2024/cve-2024-0002.json"];
    putArchive(server, { [paths[0] ?? ""]: documentOf("CVE-2024-0001", "1-1.el9") });
    if (where !== "the archive") {
      server.put(`${redHat}changes.csv`, `"${paths[0]}","2024-04-01T00:00:00+00:00"\n`);
      server.put(`${redHat}deletions.csv`, "");
    }
    await update(server, redHatFeed);
    const parts = { [paths[0] ?? ""]: partOf("CVE-2024-0001"), [paths[1] ?? ""]: partOf("CVE-2024-0002") };
    if (where === "the archive") putArchive(server, parts);
    else {
      for (const [path, text] of Object.entries(parts)) server.put(redHat + path, text);
      server.put(`${redHat}changes.csv`, paths.map((path) => `"${path}","2024-06-01T00:00:00+00:00"\n`).join(""));
    }
    for (let times = 0; times < 2; times++) {
      const { facts, refused } = await update(server, redHatFeed);
      expect(refused).toBe(2);
      expect(facts).toEqual([
        "REDHAT-CVE-2024-0001 0:1-1.el9",
        "REDHAT-CVE-2024-0002 without a fix",
        "spared by CVE-2024-0001",
        "spared by CVE-2024-0002",
      ]);
    }
    if (where === "the archive") return;
    server.put(`${redHat}${paths[1]}`, documentOf("CVE-2024-0002", "2-1.el9"));
    const { facts, refused } = await update(server, redHatFeed);
    expect(refused).toBe(1);
    expect(facts).toContain("REDHAT-CVE-2024-0002 0:2-1.el9");
  },
);

test("of an archive of Red Hat's of which each document can be read in part a first database is made", async () => {
  const server = await feedServer();
  putArchive(server, { "2024/cve-2024-0001.json": partOf("CVE-2024-0001") });
  expect(await update(server, redHatFeed)).toEqual({
    facts: ["REDHAT-CVE-2024-0001 without a fix", "spared by CVE-2024-0001"],
    refused: 1,
  });
});

test("an archive of Red Hat's of which nothing is left but what stands in for documents is not one that was emptied", async () => {
  const server = await feedServer();
  const partly = (cve: string): string => partOf(cve).replaceAll("known_not_affected", "known_affected");
  const [first, second] = ["CVE-2024-0001", "CVE-2024-0002"].map((cve) => [
    `2024/${cve.toLowerCase()}.json`,
    partly(cve),
  ]);
  putArchive(server, Object.fromEntries([first ?? []]));
  await update(server, redHatFeed);
  putArchive(server, Object.fromEntries([first ?? [], second ?? []]));
  const facts = ["REDHAT-CVE-2024-0001 without a fix", "REDHAT-CVE-2024-0002 without a fix"];
  expect(await update(server, redHatFeed)).toEqual({ facts, refused: 2 });
});

/** Requests for the archive since the list of requests was cleared. */
function archiveRequests(server: FeedServer): string[] {
  return server.requests.map(({ address }) => address).filter((address) => address.includes(".tar.zst"));
}

test("a status that is not known is not a reason to fetch the whole archive of Red Hat's again, and stays told, as does a document that is not there", async () => {
  const server = await feedServer();
  const odd = { product_status: { first_affected: ["a"] } };
  putArchive(server, {
    "2024/cve-2024-0001.json": documentOf("CVE-2024-0001", "1-1.el9"),
    "2024/cve-2024-0002.json": JSON.stringify(exampleDocument({ cve: "CVE-2024-0002", vulnerability: odd })),
  });
  const missing = '"2024/cve-2024-0003.json","2024-05-02T00:00:00+00:00"\n';
  server.put(`${redHat}changes.csv`, missing);
  server.put(`${redHat}deletions.csv`, "");
  expect((await update(server, redHatFeed)).refused).toBe(2);
  server.forget();
  expect((await update(server, redHatFeed)).refused).toBe(2);
  server.put(`${redHat}2024/cve-2024-0004.json`, documentOf("CVE-2024-0004", "4-1.el9"));
  server.put(`${redHat}changes.csv`, `${missing}"2024/cve-2024-0004.json","2024-05-03T00:00:00+00:00"\n`);
  for (let times = 0; times < 2; times++) {
    expect(await update(server, redHatFeed)).toMatchObject({
      facts: expect.arrayContaining(["REDHAT-CVE-2024-0001 0:1-1.el9", "REDHAT-CVE-2024-0004 0:4-1.el9"]),
      refused: 2,
    });
  }
  expect(archiveRequests(server)).toEqual([]);
});

test("a document of Red Hat's that could not be read and is listed no more is told as long as what it said stays", async () => {
  const server = await feedServer();
  const line = (number: string, time: string): string => `"2024/cve-2024-${number}.json","${time}T00:00:00+00:00"\n`;
  putArchive(server, { "2024/cve-2024-0001.json": documentOf("CVE-2024-0001", "1-1.el9") });
  server.put(`${redHat}changes.csv`, line("0001", "2024-04-01"));
  server.put(`${redHat}deletions.csv`, "");
  await update(server, redHatFeed);
  server.forget();
  server.put(`${redHat}2024/cve-2024-0001.json`, "{");
  server.put(`${redHat}changes.csv`, line("0001", "2024-06-01"));
  expect((await update(server, redHatFeed)).refused).toBe(1);
  server.put(`${redHat}2024/cve-2024-0003.json`, documentOf("CVE-2024-0003", "3-1.el9"));
  for (const time of ["2024-06-02", "2024-07-01"]) {
    server.put(`${redHat}changes.csv`, line("0003", time));
    expect(await update(server, redHatFeed)).toMatchObject({
      facts: expect.arrayContaining(["REDHAT-CVE-2024-0001 0:1-1.el9", "spared by CVE-2024-0001"]),
      refused: 1,
    });
  }
  server.put(`${redHat}deletions.csv`, line("0001", "2024-07-02"));
  expect(await update(server, redHatFeed)).toEqual({
    facts: ["REDHAT-CVE-2024-0003 0:3-1.el9", "spared by CVE-2024-0003"],
    refused: 0,
  });
  expect(archiveRequests(server)).toEqual([]);
});

function ubuntuRecord(cve: string): string {
  const affected = [
    {
      package: { ecosystem: "Ubuntu:22.04:LTS", name: "tool", purl: "pkg:deb/ubuntu/tool@1?distro=jammy" },
      ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1-2" }] }],
    },
  ];
  return JSON.stringify({ id: `UBUNTU-${cve}`, modified: "2026-01-01T00:00:00Z", upstream: [cve], affected });
}

function putUbuntu(
  server: FeedServer,
  records: Readonly<Record<string, string>>,
  tools: readonly string[] = ["tool"],
): void {
  const files = Object.entries(records).map(([cve, content]) => ({ name: `osv/cve/2024/UBUNTU-${cve}.json`, content }));
  server.put(`${ubuntuFeed.address}osv/osv-all.tar.xz`, xz(tar(files)));
  const statement = {
    vulnerability: { name: "CVE-2024-0001", description: "A flaw." },
    status: "affected",
    action_statement: "needs fixing",
    products: tools.map((name) => ({ "@id": `pkg:deb/ubuntu/${name}@1?arch=source&distro=noble` })),
  };
  const vex = JSON.stringify({ timestamp: "2026-02-02T00:00:00Z", statements: [statement] });
  const archive = xz(tar([{ name: "vex/cve/2024/CVE-2024-0001.json", content: vex }]));
  server.put(`${ubuntuFeed.address}vex/vex-all.tar.xz`, archive);
}

test("a record of Ubuntu's that cannot be read stays; where none was there, what OpenVEX says stands in for it", async () => {
  const other = { "CVE-2024-0002": ubuntuRecord("CVE-2024-0002") };
  // It names both archives in both ways.
  const noble = ubuntuRecord("CVE-2024-0002").replaceAll("22.04", "24.04").replaceAll("jammy", "noble");
  const broken = { "CVE-2024-0001": "{", "CVE-2024-0002": noble };
  const first = await feedServer();
  putUbuntu(first, broken);
  expect(await update(first, ubuntuFeed)).toEqual({
    facts: ["UBUNTU-CVE-2024-0001 without a fix", "UBUNTU-CVE-2024-0002 1-2"],
    refused: 1,
  });
  const second = await feedServer();
  putUbuntu(second, { "CVE-2024-0001": ubuntuRecord("CVE-2024-0001"), ...other });
  const before = ["UBUNTU-CVE-2024-0001 1-2", "UBUNTU-CVE-2024-0002 1-2"];
  expect(await update(second, ubuntuFeed)).toEqual({ facts: before, refused: 0 });
  putUbuntu(second, broken);
  expect(await update(second, ubuntuFeed)).toEqual({ facts: before, refused: 1 });
});

test("what stands in for a record of Ubuntu's is what OpenVEX says at each update, until the record can be read", async () => {
  const noble = ubuntuRecord("CVE-2024-0002").replaceAll("22.04", "24.04").replaceAll("jammy", "noble");
  const broken = { "CVE-2024-0001": "{", "CVE-2024-0002": noble };
  const server = await feedServer();
  const other = "UBUNTU-CVE-2024-0002 1-2";
  putUbuntu(server, broken, ["gadget"]);
  expect(await update(server, ubuntuFeed)).toEqual({ facts: [other], refused: 1 });
  putUbuntu(server, broken, ["gadget", "tool"]);
  expect(await update(server, ubuntuFeed)).toEqual({
    facts: ["UBUNTU-CVE-2024-0001 without a fix", other],
    refused: 1,
  });
  putUbuntu(server, { ...broken, "CVE-2024-0001": ubuntuRecord("CVE-2024-0001") }, ["gadget", "tool"]);
  const whole = (await update(server, ubuntuFeed)).facts;
  expect(whole).toEqual(["UBUNTU-CVE-2024-0001 1-2", other]);
  putUbuntu(server, broken, ["gadget"]);
  expect(await update(server, ubuntuFeed)).toEqual({ facts: whole, refused: 1 });
});
