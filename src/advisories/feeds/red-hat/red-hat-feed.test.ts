import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../../tests/setup/feed-server.ts";
import { tar } from "../../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { exampleDocument } from "../csaf/example-document.ts";
import { redHatFeed } from "./red-hat-feed.ts";

const folder = temporaryFolder();
const base = redHatFeed.address;
const signal = new AbortController().signal;

/** A document in which `tool` of RHEL 9 is fixed in a version. */
function documentOf(cve: string, version: string, tracking: Record<string, unknown> = {}): string {
  return JSON.stringify(
    exampleDocument({
      cve,
      platforms: { "BaseOS-9": "cpe:/o:redhat:enterprise_linux:9::baseos" },
      components: { tool: `pkg:rpm/redhat/tool@${version}?arch=x86_64` },
      status: { fixed: ["BaseOS-9 > tool"] },
      tracking,
    }),
  );
}

function archiveOf(documents: Readonly<Record<string, string>>): Buffer {
  return zstdCompressSync(tar(Object.entries(documents).map(([name, content]) => ({ name, content }))));
}

async function serve(documents: Readonly<Record<string, string>>): Promise<FeedServer> {
  const server = await feedServer();
  const archive = archiveOf(documents);
  server.put(`${base}archive_latest.txt`, "csaf_vex_2024-05-01.tar.zst\n");
  server.put(`${base}csaf_vex_2024-05-01.tar.zst`, archive);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  server.put(`${base}csaf_vex_2024-05-01.tar.zst.sha256`, `${sha256} csaf_vex_2024-05-01.tar.zst\n`);
  server.put(`${base}changes.csv`, '"2024/cve-2024-0001.json","2024-04-01T00:00:00+00:00"\n');
  server.put(`${base}deletions.csv`, "");
  return server;
}

async function fetchPart(server: FeedServer, previous?: Position): Promise<FeedPart> {
  const source = openFeedSource({ base, from: server.address, workFolder: folder, signal, retryDelay: 1 });
  const parts: FeedPart[] = [];
  for await (const part of redHatFeed.fetch(source, { signal, previous: () => previous })) parts.push(part);
  const [part] = parts;
  if (!part || parts.length !== 1) throw new Error(`${parts.length} parts`);
  return part;
}

async function parse(part: FeedPart): Promise<{ items: FeedItem[]; problems: Problem[] }> {
  const items: FeedItem[] = [];
  const problems: Problem[] = [];
  const context = { signal, problem: (problem: Problem) => void problems.push(problem) };
  for await (const item of redHatFeed.parse(part, context)) items.push(item);
  return { items, problems };
}

/** `ID fixed in VERSION`, `removed ID`, `unreadable ID`. */
function told(items: readonly FeedItem[]): string[] {
  return items.map((item) => {
    if (item.kind === "removed" || item.kind === "unreadable") return `${item.kind} ${item.id}`;
    if (item.kind !== "advisory") return item.kind;
    const fixed = item.advisory.affected?.[0]?.ranges?.[0]?.events[1]?.fixed;
    return `${item.advisory.id} fixed in ${fixed}`;
  });
}

const documents = {
  "2024/cve-2024-0001.json": documentOf("CVE-2024-0001", "1-1.el9"),
  "2024/cve-2024-0002.json": documentOf("CVE-2024-0002", "2-1.el9"),
};

test("the first time the archive is fetched, with its checksum checked", async () => {
  const server = await serve(documents);
  const part = await fetchPart(server);
  expect(part).toMatchObject({ name: "vex", state: "whole" });
  expect(told((await parse(part)).items)).toEqual([
    "REDHAT-CVE-2024-0001 fixed in 0:1-1.el9",
    "REDHAT-CVE-2024-0002 fixed in 0:2-1.el9",
  ]);
});

test("what changed or was deleted since the archive was made counts instead of what is in it", async () => {
  const server = await serve({ ...documents, "2024/cve-2024-0003.json": documentOf("CVE-2024-0003", "3-1.el9") });
  server.put(
    `${base}changes.csv`,
    '"2024/cve-2024-0002.json","2024-05-01T12:00:00+00:00"\n"2024/cve-2024-0001.json","2024-04-01T00:00:00+00:00"\n',
  );
  server.put(`${base}2024/cve-2024-0002.json`, documentOf("CVE-2024-0002", "2-9.el9"));
  server.put(
    `${base}deletions.csv`,
    '"2024/cve-2024-0003.json","2024-05-02T00:00:00+00:00"\n"2024/cve-2024-0001.json","2023-01-01T00:00:00+00:00"\n',
  );
  const { items } = await parse(await fetchPart(server));
  expect(told(items)).toEqual(["REDHAT-CVE-2024-0002 fixed in 0:2-9.el9", "REDHAT-CVE-2024-0001 fixed in 0:1-1.el9"]);
});

test("nothing is fetched again when no listing has changed", async () => {
  const server = await serve(documents);
  const { position } = await fetchPart(server);
  server.forget();
  expect(await fetchPart(server, position)).toEqual({ name: "vex", state: "unchanged", files: [], position });
  expect(server.requests.map(({ status }) => status)).toEqual([304, 304]);
});

test("later only changed documents are fetched, and deleted ones are removed", async () => {
  const server = await serve(documents);
  const { position } = await fetchPart(server);
  const changes = [
    '"2024/cve-2024-0004.json","2024-05-03T00:00:00+00:00"',
    '"2024/cve-2024-0005.json","2024-05-02T00:00:00+00:00"',
    '"2024/cve-2024-0001.json","2024-03-01T00:00:00+00:00"',
  ];
  server.put(`${base}changes.csv`, changes.join("\n"));
  server.put(`${base}2024/cve-2024-0004.json`, documentOf("CVE-2024-0004", "4-1.el9"));
  server.put(`${base}deletions.csv`, '"2024/cve-2024-0002.json","2024-05-02T00:00:00+00:00"\n');
  server.forget();
  const part = await fetchPart(server, position);
  expect(part.state).toBe("changes");
  // The document of CVE-2024-0005 went between the listing and the request.
  expect(server.requests.map(({ address }) => address.split("/vex/")[1])).toEqual([
    "changes.csv",
    "deletions.csv",
    "2024/cve-2024-0004.json",
    "2024/cve-2024-0005.json",
  ]);
  expect(told((await parse(part)).items)).toEqual([
    "REDHAT-CVE-2024-0004 fixed in 0:4-1.el9",
    "removed REDHAT-CVE-2024-0002",
    "removed CVE-2024-0002",
  ]);
  server.forget();
  expect((await fetchPart(server, part.position)).state).toBe("unchanged");
});

test("a document that is deleted or does not mention packages any more takes its advisory with it, one that says nothing does not", async () => {
  const server = await serve(documents);
  const { position } = await fetchPart(server);
  const lines = ["0001", "0002", "0003", "0004"].map(
    (number) => `"2024/cve-2024-${number}.json","2024-05-03T00:00:00+00:00"`,
  );
  server.put(`${base}changes.csv`, lines.join("\n"));
  server.put(`${base}2024/cve-2024-0001.json`, documentOf("CVE-2024-0001", "1-1.el9", { status: "deleted" }));
  const image = exampleDocument({
    cve: "CVE-2024-0002",
    platforms: { openshift: "cpe:/a:redhat:openshift:4" },
    components: { image: "pkg:oci/image" },
    status: { fixed: ["openshift > image"] },
  });
  server.put(`${base}2024/cve-2024-0002.json`, JSON.stringify(image));
  server.put(`${base}2024/cve-2024-0003.json`, JSON.stringify(exampleDocument({ cve: "CVE-2024-0003" })));
  const none = { ...exampleDocument({ cve: "CVE-2024-0004" }), vulnerabilities: null, product_tree: null };
  server.put(`${base}2024/cve-2024-0004.json`, JSON.stringify(none));
  const { items, problems } = await parse(await fetchPart(server, position));
  expect(problems.map(({ message }) => message)).toEqual([
    "2024/cve-2024-0003.json from Red Hat does not mention any product",
    "2024/cve-2024-0004.json from Red Hat does not mention any product",
  ]);
  expect(told(items)).toEqual([
    "removed REDHAT-CVE-2024-0001",
    "removed CVE-2024-0001",
    "removed REDHAT-CVE-2024-0002",
    "removed CVE-2024-0002",
    "unreadable REDHAT-CVE-2024-0003",
    "unreadable CVE-2024-0003",
    "unreadable REDHAT-CVE-2024-0004",
    "unreadable CVE-2024-0004",
  ]);
});

test("with very many changes the archive is fetched again", async () => {
  const server = await serve(documents);
  const { position } = await fetchPart(server);
  const lines = Array.from(
    { length: 3001 },
    (_, index) => `"2024/cve-2024-${10_000 + index}.json","2024-04-30T00:00:00+00:00"`,
  );
  server.put(`${base}changes.csv`, lines.join("\n"));
  server.forget();
  expect((await fetchPart(server, position)).state).toBe("whole");
  expect(server.requests).toHaveLength(5);
});

test("a mirror that has nothing but the archive is enough", async () => {
  const server = await serve(documents);
  for (const name of ["changes.csv", "deletions.csv", "csaf_vex_2024-05-01.tar.zst.sha256"])
    server.remove(`${base}${name}`);
  const part = await fetchPart(server);
  expect((await parse(part)).items).toHaveLength(2);
  expect((await fetchPart(server, part.position)).state).toBe("unchanged");
});

test("an archive with another checksum, or a name that is none, is refused", async () => {
  const server = await serve(documents);
  server.put(`${base}csaf_vex_2024-05-01.tar.zst`, archiveOf({}));
  await expect(fetchPart(server)).rejects.toMatchObject({ code: "feed-malformed" });
  server.put(`${base}archive_latest.txt`, "../../etc/passwd");
  await expect(fetchPart(server)).rejects.toMatchObject({ code: "feed-malformed" });
  server.remove(`${base}archive_latest.txt`);
  await expect(fetchPart(server)).rejects.toMatchObject({ code: "feed-unreachable" });
});

function wholePart(name: string, bytes: Uint8Array): FeedPart {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return { name: "vex", state: "whole", files: [file], position: {} };
}

test("a document that cannot be read is a problem, and the others are read", async () => {
  const archive = archiveOf({
    "2024/cve-2024-0001.json": "{",
    "2024/cve-2024-0002.json": "[]",
    "2024/cve-2024-0003.json": documentOf("RHSA-2024:3", "3-1.el9"),
    "2024/index.json": "not looked at",
    "2024/cve-2024-0004.json": documentOf("CVE-2024-0004", "4-1.el9"),
  });
  const { items, problems } = await parse(wholePart("some.tar.zst", archive));
  expect(told(items)).toEqual([
    "unreadable REDHAT-CVE-2024-0001",
    "unreadable CVE-2024-0001",
    "unreadable REDHAT-CVE-2024-0002",
    "unreadable CVE-2024-0002",
    "unreadable REDHAT-CVE-2024-0003",
    "unreadable CVE-2024-0003",
    "REDHAT-CVE-2024-0004 fixed in 0:4-1.el9",
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    "2024/cve-2024-0001.json from Red Hat is not a valid CSAF document: it is not JSON",
    "2024/cve-2024-0002.json from Red Hat is not a valid CSAF document: the document is not an object",
    '2024/cve-2024-0003.json from Red Hat has the id "RHSA-2024:3", which is not a CVE id',
  ]);
});

test.each([
  ["no document", archiveOf({ "2024/cve-2024-0001.json": "{}" })],
  ["half an archive", archiveOf(documents).subarray(0, 200)],
  ["no archive", Buffer.from("hello")],
])("an archive that holds %s is refused", async (name, bytes) => {
  await expect(parse(wholePart(`${name}.tar.zst`, bytes))).rejects.toMatchObject({ code: "feed-malformed" });
});

test("a document with a date to come does not hide the changes until then", async () => {
  const server = await serve(documents);
  server.put(
    `${base}changes.csv`,
    '"2024/cve-2024-0002.json","2999-01-01T00:00:00+00:00"\n"2024/cve-2024-0001.json","2024-04-01T00:00:00+00:00"\n',
  );
  server.put(`${base}2024/cve-2024-0002.json`, documentOf("CVE-2024-0002", "2-1.el9"));
  const { position } = await fetchPart(server);
  const now = new Date(Date.now() + 1000).toISOString();
  server.put(`${base}changes.csv`, `"2024/cve-2024-0001.json","${now}"\n`);
  server.put(`${base}2024/cve-2024-0001.json`, documentOf("CVE-2024-0001", "1-2.el9"));
  const part = await fetchPart(server, position);
  expect(told((await parse(part)).items)).toEqual(["REDHAT-CVE-2024-0001 fixed in 0:1-2.el9"]);
});

test("a document and an archived one may begin with a byte order mark", async () => {
  const server = await serve({ "2024/cve-2024-0001.json": `\ufeff${documentOf("CVE-2024-0001", "1-1.el9")}` });
  server.put(`${base}changes.csv`, '"2024/cve-2024-0002.json","2024-06-01T00:00:00+00:00"\n');
  server.put(`${base}2024/cve-2024-0002.json`, `\ufeff${documentOf("CVE-2024-0002", "2-1.el9")}`);
  const { items, problems } = await parse(await fetchPart(server));
  expect(problems).toEqual([]);
  expect(told(items)).toEqual(["REDHAT-CVE-2024-0002 fixed in 0:2-1.el9", "REDHAT-CVE-2024-0001 fixed in 0:1-1.el9"]);
});

test("what is said under statuses that are not read is one problem with a count", async () => {
  const product_status = { known_not_affected: ["a"], first_affected: ["b", "c"], last_affected: ["d"], odd: ["e"] };
  const odd = (cve: string): string => JSON.stringify(exampleDocument({ cve, vulnerability: { product_status } }));
  const server = await serve({
    "2024/cve-2024-0001.json": odd("CVE-2024-0001"),
    "2024/cve-2024-0002.json": odd("CVE-2024-0002"),
  });
  const { problems } = await parse(await fetchPart(server));
  expect(problems.map(({ message }) => message)).toEqual([
    'documents from Red Hat contain unsupported product statuses ("first_affected" 4, "last_affected" 2, "odd" 2), first in 2024/cve-2024-0001.json',
  ]);
});
