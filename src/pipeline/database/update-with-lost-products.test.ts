// `updateDatabase` where documents of Red Hat and SUSE can be read but for some of the products in them.

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

test("a document that says nothing keeps what was there, and is not asked for again", async () => {
  const { server, facts, refused } = await updates(first, {}, { whole: false });
  const kept = ["openssl without a fix", spared, spared];
  expect({ facts, refused }).toEqual({ facts: kept, refused: 1 });
  server.forget();
  expect(await update(server)).toEqual({ facts: kept, refused: 1 });
  expect(server.requests.map(({ address }) => address).filter((address) => address.includes("cve-"))).toEqual([]);
});
