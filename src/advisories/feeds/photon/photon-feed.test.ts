import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../../tests/setup/feed-server.ts";
import { entryLines, type ParsedPart, parsePart, severityWords } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { photonFeed } from "./photon-feed.ts";

const folder = temporaryFolder();
const fixed = { cve_id: "CVE-2024-1000", pkg: "a", cve_score: 7.5, res_ver: "1-2.ph4", status: "Fixed" };

async function parse(releases: Readonly<Record<string, unknown>>): Promise<ParsedPart> {
  const files = Object.entries(releases).map(([release, rows]) => {
    const path = join(folder, `${release}.json`);
    writeFileSync(path, JSON.stringify(rows));
    return path;
  });
  return parsePart(photonFeed, {
    name: "all",
    files,
    position: {
      files: Object.keys(releases)
        .map((release) => `cve_data_photon${release}.json`)
        .join(" "),
    },
  });
}

test("what all releases say of a CVE is one record, and of several fixes the highest counts", async () => {
  const { advisories } = await parse({
    "4.0": [fixed, { ...fixed, res_ver: "1-10.ph4" }, { ...fixed, pkg: "b" }],
    "5.0": [{ ...fixed, res_ver: "2-1.ph5" }],
  });
  expect(advisories.map(({ id, modified, upstream }) => [id, modified, upstream])).toEqual([
    ["PHOTON-CVE-2024-1000", "1970-01-01T00:00:00Z", ["CVE-2024-1000"]],
  ]);
  expect(entryLines(advisories[0])).toEqual([
    "Photon OS:4.0 a [0, 1-10.ph4)",
    "Photon OS:4.0 b [0, 1-2.ph4)",
    "Photon OS:5.0 a [0, 2-1.ph5)",
  ]);
});

test("a fix counts for more than a row that says that the package is not affected", async () => {
  const not = { ...fixed, res_ver: "NA", status: "Not Affected" };
  const { advisories, statements } = await parse({ "4.0": [not, fixed, { ...not, pkg: "b" }], "5.0": [not, not] });
  expect(advisories.flatMap(entryLines)).toEqual(["Photon OS:4.0 a [0, 1-2.ph4)"]);
  expect(statements.map(({ ecosystem, name }) => [ecosystem, name])).toEqual([
    ["Photon OS:4.0", "b"],
    ["Photon OS:5.0", "a"],
  ]);
});

test.each([
  [9, ["Critical"]],
  [8.9, ["High"]],
  [4, ["Medium"]],
  [0.1, ["Low"]],
  [0, ["None"]],
  [null, []],
  [11, []],
  ["7.5", []],
])("a score of %s is the word %s", async (cve_score, words) => {
  const { advisories } = await parse({ "4.0": [{ ...fixed, cve_score }] });
  expect(severityWords(advisories[0])).toEqual(words);
});

test("rows that are none are problems", async () => {
  const { items, problems } = await parse({
    "4.0": [null, 7, { pkg: "a" }, { ...fixed, cve_id: "Re" }],
  });
  expect(items).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual([
    "an entry for Photon OS 4.0 has no CVE",
    "an entry for Photon OS 4.0 has no CVE",
    "an entry for Photon OS 4.0 has no CVE",
    'an entry for Photon OS 4.0 ("a") has an invalid CVE: "Re"',
  ]);
});

test.each([
  ["no name of a package", { pkg: "a b" }, []],
  ["no package", { pkg: null }, []],
  ["a version with blanks", { res_ver: "2 - 1.ph4" }, ["Photon OS:4.0 a [0, )"]],
  ["a word for a version", { res_ver: "None" }, ["Photon OS:4.0 a [0, )"]],
  ["a number for a version", { res_ver: 2 }, ["Photon OS:4.0 a [0, )"]],
])("a row with %s leaves what was known of its CVE", async (_, row, lines) => {
  const { items, problems } = await parse({
    "4.0": [
      { ...fixed, ...row },
      { ...fixed, pkg: "b" },
      { ...fixed, pkg: "a", status: "Not Affected" },
    ],
  });
  expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/^CVE-2024-1000 /)]);
  const [unreadable, ...others] = items;
  expect(unreadable).toMatchObject({ kind: "unreadable", id: "PHOTON-CVE-2024-1000" });
  const standIn = unreadable?.kind === "unreadable" ? unreadable.standIn : undefined;
  expect(entryLines(standIn)).toEqual([...lines, "Photon OS:4.0 b [0, 1-2.ph4)"]);
  // What may be fixed in a version that could not be read is not stated to be unaffected.
  expect(others.map(({ kind }) => kind)).toEqual(lines.length > 0 ? [] : ["statement"]);
});

async function fetchAll(server: FeedServer): Promise<FeedPart[]> {
  const { signal } = new AbortController();
  const source = openFeedSource({ base: photonFeed.address, from: server.address, workFolder: folder, signal });
  const parts: FeedPart[] = [];
  for await (const part of photonFeed.fetch(source, { signal, previous: () => undefined })) parts.push(part);
  return parts;
}

test("the releases that the publisher lists are fetched as one part", async () => {
  const server = await feedServer({
    [`${photonFeed.address}photon_versions.json`]: `{"branches": ["4.0", "5.0", "../x", 6]}`,
    [`${photonFeed.address}cve_data_photon4.0.json`]: JSON.stringify([fixed]),
    [`${photonFeed.address}cve_data_photon5.0.json`]: "[]",
  });
  const [part] = await fetchAll(server);
  const parsed = part && (await parsePart(photonFeed, part));
  expect(parsed?.advisories.flatMap(entryLines)).toEqual(["Photon OS:4.0 a [0, 1-2.ph4)"]);
  expect(server.requests).toHaveLength(3);
});

test("a release that is listed must have its file", async () => {
  const server = await feedServer({
    [`${photonFeed.address}photon_versions.json`]: `{"branches": ["4.0", "5.0"]}`,
    [`${photonFeed.address}cve_data_photon4.0.json`]: JSON.stringify([fixed]),
  });
  await expect(fetchAll(server)).rejects.toMatchObject({ code: "feed-unreachable" });
});

test.each([`{"branches": []}`, "[]", "{}", "none"])(
  "a list of releases that is %s has changed its form",
  async (text) => {
    const server = await feedServer({ [`${photonFeed.address}photon_versions.json`]: text });
    await expect(fetchAll(server)).rejects.toMatchObject({ code: "feed-malformed" });
  },
);
