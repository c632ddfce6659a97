import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../../tests/setup/feed-server.ts";
import { entryLines, parsePart } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { amazonFeed } from "./amazon-feed.ts";
import { extrasCatalogue } from "./amazon-repositories.ts";

const workFolder = temporaryFolder();
const cdn = "https://cdn.amazonlinux.com/";

interface Repository {
  readonly list: string;
  readonly root: string;
  readonly updates?: string;
}

function put(server: FeedServer, { list, root, updates }: Repository): void {
  server.put(list, `${root}\n`);
  const bytes = gzipSync(updates ?? "");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const data =
    updates === undefined
      ? ""
      : `<data type="updateinfo"><checksum type="sha256">${sha256}</checksum><location href="repodata/u.xml.gz"/></data>`;
  const base = root.replace("$basearch", "x86_64").replace(/\/*$/, "/");
  server.put(`${base}repodata/repomd.xml`, `<repomd><data type="primary"/>${data}</repomd>`);
  if (updates !== undefined) server.put(`${base}repodata/u.xml.gz`, bytes);
}

function update(id: string, ...packages: string[]): string {
  const elements = packages.map((line) => {
    const [name, epoch, version, release, arch] = line.split(" ");
    return `<package name="${name}" epoch="${epoch}" version="${version}" release="${release}" arch="${arch}"/>`;
  });
  return `<update type="security"><id>${id}</id><severity>medium</severity>
    <issued date="2024-01-02 03:04"/><references><reference type="cve" id="CVE-2024-1000"/></references>
    <pkglist><collection>${elements.join("")}</collection></pkglist></update>`;
}

async function publisher(): Promise<FeedServer> {
  const server = await feedServer();
  const updates = (...each: string[]): string => `<updates>${each.join("")}</updates>`;
  put(server, {
    list: `${cdn}2/core/latest/x86_64/mirror.list`,
    root: `${cdn}2/core/2.0/x86_64/aaaa`,
    updates: updates(update("ALAS2-2024-1", "a 0 1 2.amzn2 x86_64", "b 1 1 2.amzn2 x86_64", "c 0 1 2.amzn2 src")),
  });
  put(server, {
    list: `${cdn}2/core/latest/aarch64/mirror.list`,
    root: `${cdn}2/core/2.0/aarch64/bbbb/`,
    updates: updates(
      update("ALAS2-2024-1", "a 0 1 2.amzn2 aarch64", "b 1 1 3.amzn2 aarch64"),
      update("ALAS2-2024-2", "d 0 1 2.amzn2 aarch64"),
    ),
  });
  put(server, {
    list: `${cdn}al2023/core/mirrors/latest/x86_64/mirror.list`,
    root: `${cdn}al2023/core/guids/cccc/$basearch/`,
    updates: updates(update("ALAS2023-2024-001", "a 0 3 4.amzn2023 x86_64", "a 0 3 4.amzn2023 aarch64")),
  });
  server.put(
    extrasCatalogue,
    `{"topics": [{"n": "kernel-5.10"}, {"n": "rust1"}, {"n": "gone"}, {"n": "../x"}, {"n": 7}]}`,
  );
  put(server, {
    list: `${cdn}2/extras/kernel-5.10/latest/x86_64/mirror.list`,
    root: `${cdn}2/extras/kernel-5.10/dddd`,
    updates: updates(
      update("ALAS2KERNEL-5.10-2024-001", "kernel 0 5.10.209 198.812.amzn2 x86_64", "bpftool 0 7 1.amzn2 x86_64"),
    ),
  });
  put(server, { list: `${cdn}2/extras/rust1/latest/x86_64/mirror.list`, root: `${cdn}2/extras/rust1/eeee` });
  return server;
}

async function fetchAll(server: FeedServer, positions = new Map<string, Position>()): Promise<FeedPart[]> {
  const { signal } = new AbortController();
  const source = openFeedSource({ base: amazonFeed.address, from: server.address, workFolder, signal, retryDelay: 1 });
  const parts: FeedPart[] = [];
  for await (const part of amazonFeed.fetch(source, { signal, previous: (name) => positions.get(name) }))
    parts.push(part);
  return parts;
}

/** What an update gets: parts, and why some failed. */
async function fetchWithFailures(server: FeedServer, positions: Map<string, Position>) {
  const { signal } = new AbortController();
  const source = openFeedSource({ base: amazonFeed.address, from: server.address, workFolder, signal, retryDelay: 1 });
  const parts: string[] = [];
  const failures: string[] = [];
  const fetching = amazonFeed.fetch(source, {
    signal,
    previous: (name) => positions.get(name),
    failed: (part, { code, message }) => void failures.push(`${part} ${code}: ${message}`),
  });
  for await (const { name, state } of fetching) parts.push(`${name} ${state}`);
  return { parts, failures };
}

async function linesOf(part: FeedPart | undefined): Promise<string[]> {
  if (!part) throw new Error("there is no such part");
  const { advisories, problems } = await parsePart(amazonFeed, part);
  expect(problems).toEqual([]);
  return advisories.flatMap((advisory) => entryLines(advisory).map((line) => `${advisory.id} ${line}`));
}

test("repositories are followed from their mirror lists to their updates; those that are gone are left out", async () => {
  const parts = await fetchAll(await publisher());
  expect(parts.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "2/core whole",
    "2023/core whole",
    "2/extras/kernel-5.10 whole",
    "2/extras/rust1 whole",
  ]);
  expect(await linesOf(parts[0])).toEqual([
    "ALAS2-2024-1 Amazon Linux:2 a [0, 0:1-2.amzn2)",
    "ALAS2-2024-1 Amazon Linux:2 b [0, 1:1-2.amzn2) x86_64",
    "ALAS2-2024-1 Amazon Linux:2 b [0, 1:1-3.amzn2) aarch64",
    "ALAS2-2024-2 Amazon Linux:2 d [0, 0:1-2.amzn2) aarch64",
  ]);
  expect(await linesOf(parts[1])).toEqual(["ALAS2023-2024-001 Amazon Linux:2023 a [0, 0:3-4.amzn2023)"]);
  expect(await linesOf(parts[3])).toEqual([]);
});

test("updates of a topic with a version are for that version's packages only", async () => {
  const parts = await fetchAll(await publisher());
  expect(await linesOf(parts[2])).toEqual([
    "ALAS2KERNEL-5.10-2024-001 Amazon Linux:2 bpftool [0, 0:7-1.amzn2)",
    "ALAS2KERNEL-5.10-2024-001 Amazon Linux:2 kernel [0:5.10, 0:5.10.209-198.812.amzn2)",
  ]);
});

test.each([
  ["no version", '<package name="a" epoch="0" release="1.amzn2" arch="x86_64"/>', "0:-1.amzn2"],
  ["an empty version", '<package name="a" epoch="0" version="" release="" arch="x86_64"/>', "0:-"],
  ["no release", '<package name="a" epoch="0" version="2" arch="x86_64"/>', "0:2-"],
  ["a word for an epoch", '<package name="a" epoch="(none)" version="2" release="1" arch="x86_64"/>', "(none):2-1"],
])("a package with %s leaves the update that was there", async (_, named, version) => {
  const path = join(workFolder, "updates.xml");
  writeFileSync(
    path,
    `<updates>${update("ALAS2-2024-1", "b 0 1 2.amzn2 noarch").replace("</coll", `${named}</coll`)}</updates>`,
  );
  const { items, problems } = await parsePart(amazonFeed, { name: "2/core", files: [path] });
  const message = `ALAS2-2024-1 has an unusable entry for a: ${JSON.stringify(version)} is not a valid version`;
  expect(problems).toEqual([{ code: "unreadable", message }]);
  expect(items).toMatchObject([{ kind: "unreadable", id: "ALAS2-2024-1" }]);
  const standIn = items[0]?.kind === "unreadable" ? items[0].standIn : undefined;
  expect(entryLines(standIn)).toEqual(["Amazon Linux:2 a [0, ) x86_64", "Amazon Linux:2 b [0, 0:1-2.amzn2)"]);
});

test("an update of a topic is not held against the core's packages of the same name", async () => {
  const server = await publisher();
  const core = (...packages: string[]): Repository => ({
    list: `${cdn}2/core/latest/x86_64/mirror.list`,
    root: `${cdn}2/core/2.0/x86_64/aaaa`,
    updates: `<updates>${update("ALAS2-2024-1", ...packages)}</updates>`,
  });
  put(
    server,
    core("emacs 1 24.3 23.amzn2 x86_64", "mariadb-libs 1 5.5.68 1.amzn2 x86_64", "vim 2 9.0.1 1.amzn2 x86_64"),
  );
  server.put(extrasCatalogue, `{"topics": [{"n": "emacs"}, {"n": "lamp-mariadb10.2-php7.2"}]}`);
  const topic = (name: string, id: string, ...packages: string[]): void =>
    put(server, {
      list: `${cdn}2/extras/${name}/latest/x86_64/mirror.list`,
      root: `${cdn}2/extras/${name}/dddd`,
      updates: `<updates>${update(id, ...packages)}</updates>`,
    });
  topic("emacs", "ALAS2EMACS-2024-001", "emacs 1 27.2 4.amzn2 x86_64", "emacs-own 0 1.0 1.amzn2 x86_64");
  topic(
    "lamp-mariadb10.2-php7.2",
    "ALAS2LAMP-MARIADB10.2-PHP7.2-2024-001",
    "mariadb-libs 3 10.2.38 1.amzn2 x86_64",
    "php 0 7.2.34 1.amzn2 x86_64",
    "vim 2 8.0.1 1.amzn2 x86_64",
  );
  const parts = await fetchAll(server);
  expect(await linesOf(parts.find(({ name }) => name === "2/extras/emacs"))).toEqual([
    "ALAS2EMACS-2024-001 Amazon Linux:2 emacs [1:24.3.0, 1:27.2-4.amzn2)",
    "ALAS2EMACS-2024-001 Amazon Linux:2 emacs-own [0, 0:1.0-1.amzn2)",
  ]);
  expect(await linesOf(parts.find(({ name }) => name === "2/extras/lamp-mariadb10.2-php7.2"))).toEqual([
    "ALAS2LAMP-MARIADB10.2-PHP7.2-2024-001 Amazon Linux:2 mariadb-libs [3:10.2, 3:10.2.38-1.amzn2)",
    "ALAS2LAMP-MARIADB10.2-PHP7.2-2024-001 Amazon Linux:2 php [0:7.2, 0:7.2.34-1.amzn2)",
    "ALAS2LAMP-MARIADB10.2-PHP7.2-2024-001 Amazon Linux:2 vim [0, 2:8.0.1-1.amzn2)",
  ]);

  const positions = new Map(parts.map(({ name, position }) => [name, position]));
  put(
    server,
    core("emacs 1 24.5 1.amzn2 x86_64", "mariadb-libs 1 5.5.68 1.amzn2 x86_64", "vim 2 9.0.1 1.amzn2 x86_64"),
  );
  const later = await fetchAll(server, positions);
  expect(later.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "2/core whole",
    "2023/core unchanged",
    "2/extras/emacs whole",
    "2/extras/lamp-mariadb10.2-php7.2 unchanged",
  ]);
  expect((await linesOf(later[2]))[0]).toContain("emacs [1:24.5.0, ");
});

test("a topic that changes when the core has not is held against the core as it is", async () => {
  const server = await publisher();
  const positions = new Map((await fetchAll(server)).map(({ name, position }) => [name, position]));
  put(server, {
    list: `${cdn}2/extras/rust1/latest/x86_64/mirror.list`,
    root: `${cdn}2/extras/rust1/eeee`,
    updates: `<updates>${update("ALAS2RUST1-2024-001", "a 0 7 1.amzn2 x86_64")}</updates>`,
  });
  const parts = await fetchAll(server, positions);
  expect(parts.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "2/core unchanged",
    "2023/core unchanged",
    "2/extras/kernel-5.10 unchanged",
    "2/extras/rust1 whole",
  ]);
  expect(await linesOf(parts[3])).toEqual(["ALAS2RUST1-2024-001 Amazon Linux:2 a [0:1.0, 0:7-1.amzn2)"]);
});

const kernelIsGone =
  "2/extras/kernel-5.10 feed-unreachable: the list of updates for Amazon Linux 2/extras/kernel-5.10 existed at the last update but was not found now";

test("a topic that the catalogue names and whose repository is gone has failed, one that it does not name is dropped", async () => {
  const server = await publisher();
  const positions = new Map((await fetchAll(server)).map(({ name, position }) => [name, position]));
  server.remove(`${cdn}2/extras/kernel-5.10/dddd/repodata/repomd.xml`);
  const parts = ["2/core unchanged", "2023/core unchanged", "2/extras/rust1 unchanged"];
  expect(await fetchWithFailures(server, positions)).toEqual({ parts, failures: [kernelIsGone] });
  await expect(fetchAll(server, positions)).rejects.toMatchObject({ code: "feed-unreachable" });
  server.remove(`${cdn}2/extras/kernel-5.10/latest/x86_64/mirror.list`);
  expect(await fetchWithFailures(server, positions)).toEqual({ parts, failures: [kernelIsGone] });
  server.put(extrasCatalogue, `{"topics": [{"n": "rust1"}]}`);
  expect(await fetchWithFailures(server, positions)).toEqual({ parts, failures: [] });
});

test("a repository that no longer lists its updates has failed, and without the core nothing is told", async () => {
  const server = await publisher();
  const positions = new Map((await fetchAll(server)).map(({ name, position }) => [name, position]));
  server.put(`${cdn}2/extras/kernel-5.10/dddd/repodata/repomd.xml`, `<repomd><data type="primary"/></repomd>`);
  expect((await fetchWithFailures(server, positions)).failures).toEqual([kernelIsGone]);
  server.put(`${cdn}2/core/2.0/aarch64/bbbb/repodata/repomd.xml`, `<repomd><data type="primary"/></repomd>`);
  await expect(fetchWithFailures(server, positions)).rejects.toMatchObject({ code: "feed-unreachable" });
});

test("a repository whose updates have the same checksum is unchanged and not fetched", async () => {
  const server = await publisher();
  const positions = new Map((await fetchAll(server)).map(({ name, position }) => [name, position]));
  put(server, {
    list: `${cdn}al2023/core/mirrors/latest/x86_64/mirror.list`,
    root: `${cdn}al2023/core/guids/ffff/$basearch/`,
    updates: `<updates>${update("ALAS2023-2024-002", "a 0 3 5.amzn2023 x86_64")}</updates>`,
  });
  server.forget();
  const parts = await fetchAll(server, positions);
  expect(parts.map(({ name, state }) => `${name} ${state}`)).toEqual([
    "2/core unchanged",
    "2023/core whole",
    "2/extras/kernel-5.10 unchanged",
    "2/extras/rust1 unchanged",
  ]);
  expect(server.requests.filter(({ address }) => address.endsWith(".gz"))).toHaveLength(1);
});

test("the next mirror is asked when one does not answer, and none on another's host", async () => {
  const server = await publisher();
  const list = `${cdn}al2023/core/mirrors/latest/x86_64/mirror.list`;
  const root = `${cdn}al2023/core/guids/cccc/x86_64/`;
  server.put(list, `http://169.254.169.254/latest/\nhttps://evil-amazonaws.com/\nhttps://a.amazonaws.com/b\n${root}\n`);
  server.fault("https://a.amazonaws.com/b/repodata/repomd.xml", { kind: "status", status: 403 });
  const parts = await fetchAll(server);
  expect(parts.map(({ name }) => name)).toContain("2023/core");
  expect(server.requests.filter(({ address }) => /^(169|evil)/.test(address))).toEqual([]);
  server.put(list, "https://evil-amazonaws.com/\n");
  await expect(fetchAll(server)).rejects.toMatchObject({ code: "feed-malformed" });
});

test("a permanent repository must be there; the server of a retired one need not answer", async () => {
  const server = await publisher();
  server.fault("http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list", {
    kind: "status",
    status: 403,
  });
  expect(await fetchAll(server)).toHaveLength(4);
  const before = new Map([["1/updates", { x86_64: "aa" }]]);
  expect((await fetchAll(server, before))[0]).toEqual({
    name: "1/updates",
    state: "unchanged",
    files: [],
    position: { x86_64: "aa" },
  });
  server.fault("http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list", {
    kind: "status",
    status: 404,
  });
  expect((await fetchAll(server, before))[0]).toMatchObject({ name: "1/updates", state: "unchanged" });
  server.remove(`${cdn}2/core/latest/x86_64/mirror.list`);
  await expect(fetchAll(server)).rejects.toMatchObject({ code: "feed-unreachable" });
});

test("updates that are not what the repository states are refused", async () => {
  const server = await publisher();
  server.put(`${cdn}al2023/core/guids/cccc/x86_64/repodata/u.xml.gz`, gzipSync("<updates/>"));
  await expect(fetchAll(server)).rejects.toMatchObject({ code: "feed-malformed" });
});
