// `updateDatabase` from buckets of OSV records.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FeedServer, feedServer } from "../../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { zip } from "../../../tests/setup/zip.ts";
import { openAdvisoryDatabase } from "../../advisories/database/open-advisory-database.ts";
import { osvFeed } from "../../advisories/feeds/osv/osv-feed.ts";
import { chooseFeeds } from "./choose-feeds.ts";
import { fetchMissingAdvisories } from "./fetch-missing-advisories.ts";
import { type UpdatedDatabase, updateDatabase } from "./update-database.ts";

const folder = temporaryFolder();
const { signal } = new AbortController();

type Osv = Readonly<Record<string, unknown>> & { readonly id: string; readonly modified: string };

function record(id: string, modified = "2024-01-01T00:00:00Z", more: object = {}): Osv {
  const affected = [{ package: { ecosystem: "npm", name: "thing" }, versions: ["1.0.0"] }];
  return { id, modified, affected, ...more };
}

function records(count: number): Osv[] {
  return Array.from({ length: count }, (_, index) => record(`A-${100 + index}`));
}

/** Puts an ecosystem as OSV.dev exports it. */
function put(server: FeedServer, ecosystem: string, all: readonly Osv[]): void {
  const base = `${osvFeed.address}${ecosystem}/`;
  const files = all.map((one) => ({ name: `${one.id}.json`, content: JSON.stringify(one) }));
  for (const { name, content } of files) server.put(base + name, content);
  server.put(`${base}all.zip`, zip(files));
  const newestFirst = all.toSorted((a, b) => (a.modified > b.modified ? -1 : 1));
  server.put(`${base}modified_id.csv`, newestFirst.map(({ id, modified }) => `${modified},${id}\n`).join(""));
}

async function exportOf(ecosystems: Readonly<Record<string, readonly Osv[]>>): Promise<FeedServer> {
  const server = await feedServer({ [`${osvFeed.address}ecosystems.txt`]: Object.keys(ecosystems).join("\n") });
  for (const [name, all] of Object.entries(ecosystems)) put(server, name, all);
  return server;
}

interface Run {
  readonly file: string;
  readonly only: readonly string[];
  readonly attempts?: number;
}

function update(server: FeedServer, { file, only, attempts = 1 }: Run): Promise<UpdatedDatabase> {
  return updateDatabase({
    output: join(folder, file),
    feeds: chooseFeeds(only),
    builtAt: "2025-01-01T00:00:00Z",
    access: { mirror: server.address, attempts },
    signal,
  });
}

function partsOf({ status }: UpdatedDatabase): string[] {
  return status.parts.map(({ name, items }) => `${name} ${items}`);
}

function failuresOf({ feeds }: UpdatedDatabase): string[] {
  return feeds.flatMap(({ failures }) =>
    failures.map(({ part, wasThere, cause }) => `${part} ${wasThere ? "stays" : "lacks"} ${cause.code}`),
  );
}

function find(file: string, id: string) {
  const index = openAdvisoryDatabase(join(folder, file));
  try {
    const found = index.find("npm", "thing").find((one) => one.id === id);
    return found && JSON.parse(JSON.stringify(found));
  } finally {
    index.close();
  }
}

test("an ecosystem that is damaged costs its own news only, and is named", async () => {
  const server = await exportOf({ Go: [record("G-1")], PyPI: [record("P-1")], npm: [record("N-1")] });
  const run = { file: "damaged", only: ["Go", "PyPI", "npm"] };
  await update(server, run);
  for (const [name, letter] of Object.entries({ Go: "G", PyPI: "P", npm: "N" })) {
    put(server, name, [record(`${letter}-1`), record(`${letter}-2`)]);
  }
  server.put(`${osvFeed.address}PyPI/all.zip`, "PK\x03\x04broken");
  const updated = await update(server, run);
  expect(partsOf(updated)).toEqual(["Go 2", "PyPI 1", "npm 2"]);
  expect(failuresOf(updated)).toEqual(["PyPI stays feed-malformed"]);
  expect(updated.feeds).toMatchObject([{ updated: 2, unchanged: 0, failure: { code: "feed-malformed" } }]);

  rmSync(join(folder, "damaged"));
  const first = await update(server, run);
  expect(partsOf(first)).toEqual(["Go 2", "npm 2"]);
  expect(failuresOf(first)).toEqual(["PyPI lacks feed-malformed"]);
});

test("after three ecosystems in a row that cannot be had no more are asked for", async () => {
  const names = ["Go", "Maven", "NuGet", "Pub", "PyPI", "npm"];
  const server = await exportOf(Object.fromEntries(names.map((name) => [name, [record(`${name}-1`)]])));
  for (const name of names.slice(1, 4)) {
    server.fault(`${osvFeed.address}${name}/modified_id.csv`, { kind: "status", status: 403 });
  }
  const updated = await update(server, { file: "silent", only: names });
  expect(partsOf(updated)).toEqual(["Go 1"]);
  expect(failuresOf(updated)).toEqual([
    "Maven lacks feed-unreachable",
    "NuGet lacks feed-unreachable",
    "undefined lacks feed-unreachable",
  ]);
  expect(server.requests.some(({ address }) => address.includes("PyPI"))).toBe(false);
});

test("an ecosystem that is asked for by name and is no longer listed is told, and stays as it was", async () => {
  const server = await exportOf({ PyPI: [record("P-1")], npm: [record("N-1")] });
  const run = { file: "unlisted", only: ["npm", "PyPI"] };
  await update(server, run);
  server.put(`${osvFeed.address}ecosystems.txt`, "PyPI\n");
  const updated = await update(server, run);
  expect(failuresOf(updated)).toEqual(["npm stays feed-unreachable"]);
  expect(partsOf(updated)).toEqual(["PyPI 1", "npm 1"]);
  // No ecosystem is named when all are requested.
  expect(failuresOf(await update(server, { file: "whole", only: ["osv"] }))).toEqual([]);
});

test("what a scan needs and one ecosystem lacks is named, and the others come", async () => {
  const server = await exportOf({ PyPI: [record("P-1")], npm: [record("N-1")] });
  server.put(`${osvFeed.address}PyPI/all.zip`, "PK\x03\x04broken");
  const of = { version: "1", purl: "", paths: [], layer: null };
  const packages = (["npm", "pypi"] as const).map((type) => ({ ...of, type, name: "thing" }));
  const { changed, failures } = await fetchMissingAdvisories(
    { packages, distro: null },
    {
      database: join(folder, "missing"),
      index: undefined,
      access: { mirror: server.address },
      now: new Date(),
      signal,
    },
  );
  expect(changed).toBe(true);
  expect(failures).toEqual([expect.stringMatching(/^the advisories of PyPI from OSV.dev could not be fetched: /)]);
  expect(find("missing", "N-1")).toBeDefined();
});

test("a record that becomes unreadable stays as it was, and is told at every update until it can be read", async () => {
  const all = records(100);
  const server = await exportOf({ npm: all });
  const run = { file: "unreadable", only: ["npm"] };
  await update(server, run);
  const before = find("unreadable", "A-107");

  // So many changes that the archive comes.
  const changed = all.map((one, index) => (index < 50 ? record(one.id, "2024-02-01T00:00:00Z") : one));
  put(server, "npm", changed.with(7, record("A-107", "2024-03-01T00:00:00Z", { affected: "oops" })));
  const expected = {
    refused: 1,
    problems: [{ message: "npm/A-107.json is not a valid OSV record: affected is not a list" }],
    status: { records: 100, parts: [{ refused: 1 }] },
  };
  expect(await update(server, run)).toMatchObject(expected);
  expect(find("unreadable", "A-107")).toEqual(before);
  expect(find("unreadable", "A-108")?.modified).toBe("2024-02-01T00:00:00Z");
  server.forget();
  expect(await update(server, run)).toMatchObject(expected);
  expect(server.requests.map(({ address }) => address.split("/").at(-1))).toContain("A-107.json");
  expect(find("unreadable", "A-107")).toEqual(before);

  put(server, "npm", changed.with(7, record("A-107", "2024-03-01T00:00:00Z")));
  const repaired = await update(server, run);
  expect(repaired).toMatchObject({ refused: 0, problems: [] });
  expect(repaired.status.parts[0]?.refused).toBeUndefined();
  expect(find("unreadable", "A-107")?.modified).toBe("2024-03-01T00:00:00Z");
});

test("a single record that becomes unreadable stays as it was too", async () => {
  const all = records(100);
  const server = await exportOf({ npm: all });
  const run = { file: "single", only: ["npm"] };
  await update(server, run);
  put(
    server,
    "npm",
    all.with(7, record("A-107", "2024-03-01T00:00:00Z", { id: 7 })).with(8, record("A-108", "2024-04-01T00:00:00Z")),
  );
  server.put(`${osvFeed.address}npm/A-107.json`, "{");
  server.put(
    `${osvFeed.address}npm/modified_id.csv`,
    [
      "2024-04-01T00:00:00Z,A-108",
      "2024-03-01T00:00:00Z,A-107",
      ...all.filter((_, index) => index !== 7 && index !== 8).map(({ id, modified }) => `${modified},${id}`),
      "",
    ].join("\n"),
  );
  for (const _ of [1, 2]) {
    expect(await update(server, run)).toMatchObject({
      refused: 1,
      problems: [{ message: "npm/A-107.json is not a valid OSV record: it is not JSON" }],
    });
    expect(find("single", "A-107")?.modified).toBe("2024-01-01T00:00:00Z");
    expect(find("single", "A-108")?.modified).toBe("2024-04-01T00:00:00Z");
  }
});

test("a record with a bad side field is taken without it, and told until the field can be read", async () => {
  const server = await exportOf({ npm: [record("A-1", "2024-03-01T00:00:00Z", { severity: "oops", summary: "bad" })] });
  const run = { file: "side", only: ["npm"] };
  const expected = { refused: 1, problems: [{ message: "npm/A-1.json was only partly read: severity is not a list" }] };
  expect(await update(server, run)).toMatchObject(expected);
  expect(find("side", "A-1")).toMatchObject({ summary: "bad" });
  expect(await update(server, run)).toMatchObject(expected);
  put(server, "npm", [record("A-1", "2024-03-02T00:00:00Z")]);
  expect(await update(server, run)).toMatchObject({ refused: 0 });
});

test("what could not be read of a bucket without lists is told again too", async () => {
  const server = await exportOf({ npm: [record("A-1"), record("A-2")] });
  server.remove(`${osvFeed.address}npm/modified_id.csv`);
  const run = { file: "plain", only: ["npm"] };
  await update(server, run);
  server.put(
    `${osvFeed.address}npm/all.zip`,
    zip([
      { name: "A-1.json", content: "{" },
      { name: "A-2.json", content: JSON.stringify(record("A-2", "2024-05-01T00:00:00Z")) },
    ]),
  );
  for (const _ of [1, 2]) {
    expect(await update(server, run)).toMatchObject({ refused: 1, status: { records: 2 } });
    expect(find("plain", "A-1")).toBeDefined();
  }
});
