import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { feedItems } from "../../../../tests/setup/feed-items.ts";
import { type FeedServer, feedServer } from "../../../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { jsonArrayItems } from "./json-array-items.ts";
import { nvdFeed } from "./nvd-feed.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();
const years = Array.from({ length: new Date().getUTCFullYear() - 2001 }, (_, index) => String(2002 + index));

function entry(id: string, metrics: unknown): unknown {
  return { cve: { id, metrics } };
}

function metric(source: string, vectorString: string, type = "Primary"): unknown {
  return { source, type, cvssData: { vectorString } };
}

function content(...vulnerabilities: unknown[]): string {
  return JSON.stringify({ format: "NVD_CVE", note: "]}{[\\", vulnerabilities, after: [{ cve: 1 }] });
}

const v31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:H/A:N";
const v2 = "AV:N/AC:M/Au:N/C:N/I:P/A:N";
const v4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";

test("a CVE has its vectors, NVD's primary ones first, each with its source and once", async () => {
  const metrics = {
    cvssMetricV31: [metric("security-advisories@github.com", v31, "Secondary"), metric("nvd@nist.gov", v31)],
    cvssMetricV2: [metric("nvd@nist.gov", v2), metric("nvd@nist.gov", v2)],
    cvssMetricV40: [metric("psirt@example.org", v4, "Secondary"), metric("x@y", v31), metric("x y", v4), 7],
  };
  const contents = [gzipSync(content(entry("CVE-2024-0001", metrics), entry("CVE-2024-0002", {}), entry("x", {})))];
  const { items, problems } = await feedItems(nvdFeed, folder, { contents, part: "2024" });
  expect(items).toEqual([
    {
      kind: "facts",
      cve: "CVE-2024-0001",
      facts: {
        severities: [
          { source: "NVD", type: "CVSS_V3", score: v31 },
          { source: "NVD", type: "CVSS_V2", score: v2 },
          { source: "example.org", type: "CVSS_V4", score: v4 },
          { source: "GitHub", type: "CVSS_V3", score: v31 },
        ],
      },
    },
  ]);
  expect(problems).toEqual([
    "an entry in the NVD file for 2024 was skipped: it has no CVE",
    "ratings in the NVD file for 2024 that cannot be read: 3 (first: CVE-2024-0001)",
  ]);
});

test("entries and ratings of another shape are told with their number", async () => {
  const rated = entry("CVE-2024-0004", { cvssMetricV2: [metric("nvd@nist.gov", v2)] });
  const contents = [
    content(
      7,
      entry("CVE-2024-0001", "none"),
      null,
      entry("CVE-2024-0002", { cvssMetricV31: { a: 1 }, cvssMetricV2: null }),
      [entry("CVE-2024-0003", {})],
      rated,
      "text",
    ),
  ];
  const { items, problems } = await feedItems(nvdFeed, folder, { contents, part: "2024" });
  expect(items).toMatchObject([{ cve: "CVE-2024-0004" }]);
  expect(problems).toEqual([
    "an entry in the NVD file for 2024 was skipped: it has no CVE",
    "entries in the NVD file for 2024 were skipped because they are not objects: 3",
    "ratings in the NVD file for 2024 that cannot be read: 2 (first: CVE-2024-0001)",
  ]);
  expect(await feedItems(nvdFeed, folder, { contents: [content()] })).toMatchObject({ items: [], problems: [] });
});

test("a file that is cut off or is something else is malformed", async () => {
  const whole = Buffer.from(content(entry("CVE-2024-0001", { cvssMetricV2: [metric("nvd@nist.gov", v2)] })));
  for (let length = 0; length < whole.length; length++) {
    const contents = [whole.subarray(0, length)];
    await expect(feedItems(nvdFeed, folder, { contents })).rejects.toMatchObject({ code: "feed-malformed" });
  }
  const contents = [gzipSync(whole).subarray(0, 60)];
  await expect(feedItems(nvdFeed, folder, { contents })).rejects.toMatchObject({ code: "feed-malformed" });
});

test("the items of an array are found wherever the bytes are parted", async () => {
  const items = [{ a: '"}]\\' }, { b: [{ c: {} }, "[{"] }, { é: "{" }];
  const bytes = Buffer.from(JSON.stringify({ before: { list: [{}] }, "li\\st": [{}], list: items, end: {} }, null, 1));
  for (let at = 0; at <= bytes.length; at++) {
    const read: unknown[] = [];
    const pieces = (async function* () {
      yield bytes.subarray(0, at);
      yield bytes.subarray(at);
    })();
    for await (const text of jsonArrayItems(pieces, { key: "list", title: "it", maxItem: 100 }))
      read.push(JSON.parse(text));
    expect(read).toEqual(items);
  }
});

test("a list behind a byte order mark is read, wherever that is cut", async () => {
  const bytes = Buffer.from('\ufeff{"list": [{"a": 1}]}');
  for (let at = 0; at <= 4; at++) {
    const read: string[] = [];
    const pieces = (async function* () {
      yield bytes.subarray(0, at);
      yield bytes.subarray(at);
    })();
    for await (const text of jsonArrayItems(pieces, { key: "list", title: "it", maxItem: 100 })) read.push(text);
    expect(read).toEqual(['{"a": 1}']);
  }
});

test("an item beyond the limit is not kept", async () => {
  const pieces = (async function* () {
    yield Buffer.from('{"list":[{"a":"');
    for (;;) yield Buffer.alloc(1000, 0x61);
  })();
  const items = jsonArrayItems(pieces, { key: "list", title: "it", maxItem: 10_000 });
  await expect(items.next()).rejects.toThrow("an item is longer than 10000 bytes");
});

function put(server: FeedServer, year: string, text: string, sha256?: string): void {
  const digest = sha256 ?? createHash("sha256").update(text).digest("hex").toUpperCase();
  server.put(`${nvdFeed.address}nvdcve-2.0-${year}.meta`, `lastModifiedDate:x\r\nsize:1\r\nsha256:${digest}\r\n`);
  server.put(`${nvdFeed.address}nvdcve-2.0-${year}.json.gz`, gzipSync(text));
}

async function fetchYears(server: FeedServer, previous?: ReadonlyMap<string, Position>): Promise<FeedPart[]> {
  server.forget();
  const source = openFeedSource({
    base: nvdFeed.address,
    from: server.address,
    workFolder: folder,
    signal,
    retryDelay: 1,
  });
  const parts: FeedPart[] = [];
  for await (const part of nvdFeed.fetch(source, { signal, previous: (name) => previous?.get(name) })) parts.push(part);
  return parts;
}

async function fullServer(): Promise<FeedServer> {
  const server = await feedServer();
  for (const year of years) put(server, year, content(entry(`CVE-${year}-0001`, {})));
  return server;
}

test("every year is a part, fetched again when NVD states another checksum", async () => {
  const server = await fullServer();
  server.fault(`${nvdFeed.address}nvdcve-2.0-2010.json.gz`, { kind: "cut", after: 20 }, 1);
  const first = await fetchYears(server);
  expect(first.map(({ name, state }) => [name, state])).toEqual(years.map((year) => [year, "whole"]));
  expect(server.requests.filter(({ status }) => status === 206)).toHaveLength(1);

  const positions = new Map(first.map(({ name, position }) => [name, position]));
  put(server, "2011", content(entry("CVE-2011-0002", {})));
  const second = await fetchYears(server, positions);
  expect(second.filter(({ state }) => state !== "unchanged").map(({ name }) => name)).toEqual(["2011"]);
  expect(server.requests.filter(({ address }) => address.endsWith(".gz"))).toHaveLength(1);
});

test("a wrong checksum, a year of the past that is missing and a description without a checksum are errors", async () => {
  const server = await fullServer();
  put(server, "2005", content(), "0".repeat(64));
  await expect(fetchYears(server)).rejects.toMatchObject({ code: "feed-malformed" });
  server.remove(`${nvdFeed.address}nvdcve-2.0-2005.json.gz`);
  await expect(fetchYears(server)).rejects.toMatchObject({ code: "feed-unreachable" });
  server.put(`${nvdFeed.address}nvdcve-2.0-2002.meta`, "size:1\n");
  await expect(fetchYears(server)).rejects.toThrow("it states no SHA-256");
});

test("the running year may be missing, and a mirror may lack the descriptions", async () => {
  const server = await fullServer();
  const last = years.at(-1) ?? "";
  server.remove(`${nvdFeed.address}nvdcve-2.0-${last}.json.gz`);
  for (const year of years) server.remove(`${nvdFeed.address}nvdcve-2.0-${year}.meta`);
  const first = await fetchYears(server);
  expect(first).toHaveLength(years.length - 1);
  const second = await fetchYears(server, new Map(first.map(({ name, position }) => [name, position])));
  expect(new Set(second.map(({ state }) => state))).toEqual(new Set(["unchanged"]));
});
