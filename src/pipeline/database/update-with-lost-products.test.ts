// `updateDatabase` where documents of Red Hat and SUSE can be read except for some of the products in them.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../tests/setup/feed-server.ts";
import { tar } from "../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { type ExampleDocument, exampleDocument } from "../../advisories/feeds/csaf/example-document.ts";
import { redHatFeed } from "../../advisories/feeds/red-hat/red-hat-feed.ts";
import { updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const redHat = redHatFeed.address;
const path = "2024/cve-2024-0001.json";

/** What the database says of some packages, and how much an update said that it could not read. */
async function update(server: FeedServer): Promise<{ facts: string[]; refused: number }> {
  const output = join(folder, `${new URL(server.address).port}.db`);
  const access = { mirror: server.address, attempts: 1 };
  const options = { output, feeds: [{ feed: redHatFeed }], builtAt: "2025-01-01T00:00:00Z", access, signal };
  const { refused } = await updateDatabase(options);
  const index = openAdvisoryDatabase(output);
  const facts = ["openssl", "curl"].flatMap((name) => [
    ...index.find("Red Hat", name).map(({ affected = [] }) => {
      return `${name} ${affected[0]?.ranges?.[0]?.events[1]?.fixed ?? "without a fix"}`;
    }),
    ...index.statements("Red Hat", name).map(() => `${name} unaffected`),
  ]);
  index.close();
  return { facts, refused };
}

const platforms = { base: "cpe:/o:redhat:enterprise_linux:9::baseos", odd: null };
const curl = "pkg:rpm/redhat/curl";
const first: ExampleDocument = {
  components: { openssl: "pkg:rpm/redhat/openssl", curl },
  status: { known_affected: ["base > openssl"], known_not_affected: ["base > curl"] },
};

/** Two updates: with what the archive has, and with the document that is changed after it. */
async function updates(
  before: ExampleDocument,
  after: ExampleDocument,
  { whole }: { readonly whole: boolean },
): Promise<{ server: FeedServer; facts: string[]; refused: number }> {
  const server = await feedServer();
  putArchive(server, before);
  if (!whole) {
    server.put(`${redHat}changes.csv`, `"${path}","2024-04-01T00:00:00+00:00"\n`);
    server.put(`${redHat}deletions.csv`, "");
  }
  await update(server);
  if (whole) putArchive(server, after);
  else {
    server.put(redHat + path, textOf(after));
    server.put(`${redHat}changes.csv`, `"${path}","2024-06-01T00:00:00+00:00"\n`);
  }
  server.forget();
  return { server, ...(await update(server)) };
}

function textOf(example: ExampleDocument): string {
  return JSON.stringify(exampleDocument({ cve: "CVE-2024-0001", platforms, ...example }));
}

function putArchive(server: FeedServer, example: ExampleDocument): void {
  const other = { components: { curl }, status: { known_not_affected: ["base > curl"] } };
  const documents = [
    { name: path, content: textOf(example) },
    { name: "2024/cve-2024-0002.json", content: textOf({ ...other, cve: "CVE-2024-0002" }) },
  ];
  const archive = zstdCompressSync(tar(documents));
  server.put(`${redHat}archive_latest.txt`, "csaf_vex_2024-05-01.tar.zst\n");
  server.put(`${redHat}csaf_vex_2024-05-01.tar.zst`, archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  server.put(`${redHat}csaf_vex_2024-05-01.tar.zst.sha256`, `${sha256} csaf_vex_2024-05-01.tar.zst\n`);
}

const everywhere = [{ whole: true }, { whole: false }];
/** The other document's. */
const spared = "curl unaffected";

test.each(everywhere)("what a document says clearly counts, whatever product of it is lost (%j)", async (where) => {
  const after = {
    components: { openssl: "pkg:rpm/redhat/openssl@3-1.el9?arch=x86_64&epoch=1", curl, x: "pkg:rpm/redhat/x" },
    status: { fixed: ["base > openssl"], known_affected: ["base > curl", "odd > x"] },
  };
  const { facts, refused } = await updates(first, after, where);
  expect({ facts, refused }).toEqual({ facts: ["openssl 1:3-1.el9", "curl without a fix", spared], refused: 1 });
});

test.each(everywhere)("a document of which a fix is lost keeps the record, not what it spared (%j)", async (where) => {
  const after = {
    components: { openssl: "pkg:rpm/redhat/openssl@none?arch=x86_64", curl },
    status: { fixed: ["base > openssl"], known_affected: ["base > curl"] },
  };
  const { facts, refused } = await updates(first, after, where);
  expect({ facts, refused }).toEqual({ facts: ["openssl without a fix", spared], refused: 1 });
});

test("where a fix is lost in a document that is newer than the archive, that has the record and spares nothing", async () => {
  const server = await feedServer();
  putArchive(server, first);
  const components = { openssl: "pkg:rpm/redhat/openssl@none?arch=x86_64", curl };
  const status = { fixed: ["base > openssl"], known_affected: ["base > curl"] };
  server.put(redHat + path, textOf({ components, status }));
  server.put(`${redHat}changes.csv`, `"${path}","2024-06-01T00:00:00+00:00"\n`);
  server.put(`${redHat}deletions.csv`, "");
  expect(await update(server)).toEqual({ facts: ["openssl without a fix", spared], refused: 1 });
});

test.each(everywhere)(
  "a document of which nothing but what is lost is affected keeps the record (%j)",
  async (where) => {
    const components = { openssl: "pkg:rpm/redhat/openssl", curl };
    const status = { fixed: ["odd > openssl"], known_not_affected: ["base > openssl", "base > curl"] };
    const { facts, refused } = await updates(first, { components, status }, where);
    expect({ facts, refused }).toEqual({ facts: ["openssl without a fix", spared, spared], refused: 1 });
  },
);

const badFix = "pkg:rpm/redhat/openssl@none?arch=x86_64";

test.each([
  ["2024-06-01", "2024-04-01"],
  ["2024-04-01", "2024-06-01"],
])(
  "of two documents of which a fix is lost, of %s and of %s in the archive, the single one counts",
  async (single, archived) => {
    const server = await feedServer();
    const lostFix = (status: Readonly<Record<string, readonly string[]>>, day: string): ExampleDocument => ({
      components: { openssl: badFix, curl },
      status: { fixed: ["base > openssl"], ...status },
      tracking: { current_release_date: `${day}T00:00:00Z` },
    });
    putArchive(server, lostFix({ known_not_affected: ["base > curl"] }, archived));
    server.put(redHat + path, textOf(lostFix({ known_affected: ["base > curl"] }, single)));
    server.put(`${redHat}changes.csv`, `"${path}","2024-06-01T00:00:00+00:00"\n`);
    server.put(`${redHat}deletions.csv`, "");
    const facts = ["openssl without a fix", "curl without a fix", spared];
    expect(await update(server)).toEqual({ facts, refused: 2 });
  },
);

/** What follows an update with a document that is read in part, or not at all. */
interface Told {
  readonly found: readonly string[];
  /** In three updates that say nothing of it; in the first it is listed as late as the newest one before. */
  readonly fetched: 1 | 3;
}

test.each<[string, ExampleDocument, Told]>([
  [
    "was read in part",
    {
      components: { openssl: "pkg:rpm/redhat/openssl", x: curl },
      status: { known_affected: ["base > openssl", "odd > x"] },
    },
    { found: ["openssl without a fix", spared], fetched: 1 },
  ],
  [
    "says something under a status that is not known",
    {
      components: { openssl: "pkg:rpm/redhat/openssl", curl },
      status: { known_affected: ["base > openssl"], odd: ["base > curl"] },
    },
    { found: ["openssl without a fix", spared], fetched: 1 },
  ],
  [
    "says everything under such a status",
    { components: { openssl: "pkg:rpm/redhat/openssl" }, status: { odd: ["base > openssl"] } },
    { found: ["openssl without a fix", spared], fetched: 3 },
  ],
  ["says nothing", {}, { found: ["openssl without a fix", spared, spared], fetched: 3 }],
])(
  "that a document %s is told at each update until it is read, however much else has changed",
  async (_, after, { found, fetched }) => {
    const { server, ...told } = await updates(first, after, { whole: false });
    expect(told).toEqual({ facts: found, refused: 1 });
    const other = "2024/cve-2024-0003.json";
    server.forget();
    for (const day of ["03", "04", "20"]) {
      server.put(
        redHat + other,
        textOf({ cve: "CVE-2024-0003", components: { y: "pkg:oci/y" }, status: { fixed: ["base > y"] } }),
      );
      server.put(
        `${redHat}changes.csv`,
        `"${other}","2024-07-${day}T00:00:00+00:00"\n"${path}","2024-06-01T00:00:00+00:00"\n`,
      );
      expect(await update(server)).toEqual({ facts: found, refused: 1 });
    }
    expect(server.requests.filter(({ address }) => address.endsWith(path))).toHaveLength(fetched);
    server.put(redHat + path, textOf(first));
    if (fetched === 1) server.put(`${redHat}changes.csv`, `"${path}","2024-08-01T00:00:00+00:00"\n`);
    expect(await update(server)).toEqual({ facts: ["openssl without a fix", spared, spared], refused: 0 });
  },
);

test("more documents read in part than are asked for again are told at each update, and bring nothing again", async () => {
  const server = await feedServer();
  const documents = Array.from({ length: 1001 }, (_, index) => {
    const cve = `CVE-2024-${10_000 + index}`;
    const components = { openssl: "pkg:rpm/redhat/openssl", x: "pkg:rpm/redhat/x" };
    const status = { known_affected: ["base > openssl", "odd > x"] };
    return { name: `2024/${cve.toLowerCase()}.json`, content: textOf({ cve, components, status }) };
  });
  const archive = zstdCompressSync(tar(documents));
  server.put(`${redHat}archive_latest.txt`, "csaf_vex_2024-05-01.tar.zst\n");
  server.put(`${redHat}csaf_vex_2024-05-01.tar.zst`, archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  server.put(`${redHat}csaf_vex_2024-05-01.tar.zst.sha256`, `${sha256} csaf_vex_2024-05-01.tar.zst\n`);
  const listed = documents.map(({ name }) => `"${name}","2024-04-01T00:00:00+00:00"\n`).join("");
  server.put(`${redHat}changes.csv`, `${listed}"${path}","2024-04-20T00:00:00+00:00"\n`);
  server.put(`${redHat}deletions.csv`, "");
  expect((await update(server)).refused).toBe(1001);
  server.forget();
  server.put(redHat + path, textOf(first));
  server.put(`${redHat}changes.csv`, `${listed}"${path}","2024-06-01T00:00:00+00:00"\n`);
  const { facts, refused } = await update(server);
  expect({ count: facts.length, refused }).toEqual({ count: 1003, refused: 1001 });
  const names = server.requests.map(({ address }) => address.replace(/^.*\//, ""));
  expect(names.sort()).toEqual(["changes.csv", "cve-2024-0001.json", "deletions.csv"]);
});
