import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { fetchParts, packageFacts, parseFiles } from "../../../../tests/setup/package-facts.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { Position } from "../../feed-source.ts";
import { alpineFeed } from "./alpine-feed.ts";

const folder = temporaryFolder();

function secdb(distroversion: string, packages: Readonly<Record<string, unknown>>): string {
  const list = Object.entries(packages).map(([name, secfixes]) => ({ pkg: { name, secfixes } }));
  return JSON.stringify({ distroversion, reponame: "main", packages: list });
}

function written(...contents: string[]): string[] {
  return contents.map((content, index) => {
    const path = join(folder, `${index}.json`);
    writeFileSync(path, content);
    return path;
  });
}

async function fetchAlpine(from: string, previous?: Position): Promise<FeedPart | undefined> {
  return (await fetchParts(alpineFeed, { from, workFolder: folder, previous }))[0];
}

test("one vulnerability is one record over packages and branches, and what was never affected a statement", async () => {
  const files = written(
    secdb("v3.19", {
      zlib: { "1.2-r0": ["CVE-2022-1111 XSA-1"], "1.3-r0": ["CVE-2023-2222"], "0": ["CVE-2024-3333"] },
    }),
    secdb("edge", { zlib: { "1.2-r1": ["CVE-2022-1111"] }, minizip: { "1.2-r0": ["CVE-2022-1111"] } }),
  );
  const { items, problems } = await parseFiles(alpineFeed, files);
  expect(problems).toEqual([]);
  const extension = { database_specific: { plimsoll: { names: "source" } } };
  const entry = (ecosystem: string, name: string, fixed: string) => ({
    package: { ecosystem, name },
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }],
    ...extension,
  });
  expect(items).toEqual([
    {
      kind: "advisory",
      advisory: {
        id: "ALPINE-CVE-2022-1111",
        modified: "1970-01-01T00:00:00Z",
        related: ["XSA-1"],
        upstream: ["CVE-2022-1111"],
        affected: [
          entry("Alpine:edge", "minizip", "1.2-r0"),
          entry("Alpine:edge", "zlib", "1.2-r1"),
          entry("Alpine:v3.19", "zlib", "1.2-r0"),
        ],
        references: [{ type: "ADVISORY", url: "https://security.alpinelinux.org/vuln/CVE-2022-1111" }],
      },
    },
    expect.objectContaining({ advisory: expect.objectContaining({ id: "ALPINE-CVE-2023-2222" }) }),
    {
      kind: "statement",
      ecosystem: "Alpine:v3.19",
      name: "zlib",
      statement: {
        vulnerability: { name: "CVE-2024-3333" },
        products: [],
        status: "not_affected",
        author: "Alpine Security Database",
      },
    },
  ]);
});

test("of two fixes of one vulnerability the later version counts, and a fix outweighs 0", async () => {
  const fixes = {
    "1.9-r0": ["CVE-2022-1111"],
    "1.10-r0": ["CVE-2022-1111"],
    "1.2-r0": ["CVE-2022-1111"],
    "0": ["CVE-2022-1111"],
  };
  const { items } = await parseFiles(alpineFeed, written(secdb("v3.19", { a: fixes })));
  expect(packageFacts(items).map(({ state }) => state)).toEqual(["fixed 1.10-r0"]);
});

test("what has another shape and a file without a branch are problems, and no vulnerability at all an error", async () => {
  const odd = JSON.stringify({
    distroversion: "v3.19",
    packages: [
      null,
      { pkg: 1 },
      { pkg: { name: "a", secfixes: { "1": "CVE-2022-1111", "2": [3], "3": {} } } },
      { pkg: { name: "b", secfixes: [] } },
    ],
  });
  const good = secdb("v3.20", { a: { "1-r0": ["CVE-2022-1111"] } });
  const { items, problems } = await parseFiles(alpineFeed, written(odd, good, '{"packages":{}}', "[]"));
  expect(packageFacts(items)).toHaveLength(1);
  expect(problems.map(({ code }) => code)).toEqual(Array(5).fill("unreadable"));
  await expect(parseFiles(alpineFeed, written(odd))).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(parseFiles(alpineFeed, written(good.slice(0, -5)))).rejects.toMatchObject({ code: "feed-malformed" });
});

test("branches are counted up until one is missing, and a new one is a change", async () => {
  const at = (path: string): string => `${alpineFeed.address}${path}`;
  const server = await feedServer({
    [at("edge/main.json")]: secdb("edge", { a: { "1-r0": ["CVE-2022-1111"] } }),
    [at("v3.19/main.json")]: secdb("v3.19", { a: { "1-r0": ["CVE-2022-1111"] } }),
    [at("v3.24/community.json")]: secdb("v3.24", { b: { "1-r0": ["CVE-2022-1111"] } }),
    [at("v3.24/main.json")]: secdb("v3.24", { a: { "1-r0": ["CVE-2022-1111"] } }),
  });
  const first = await fetchAlpine(server.address);
  expect(first).toMatchObject({ name: "all", state: "whole" });
  expect(first?.files).toHaveLength(4);
  expect(server.requests.at(-1)?.address).toContain("v3.25/");
  expect((await fetchAlpine(server.address, first?.position))?.state).toBe("unchanged");

  server.put(at("v3.25/main.json"), secdb("v3.25", { a: { "1-r0": ["CVE-2022-1111"] } }));
  const changed = await fetchAlpine(server.address, first?.position);
  const { items } = await parseFiles(alpineFeed, changed?.files ?? []);
  expect(new Set(packageFacts(items).map(({ ecosystem }) => ecosystem))).toEqual(
    new Set(["Alpine:edge", "Alpine:v3.19", "Alpine:v3.24", "Alpine:v3.25"]),
  );
  await expect(fetchAlpine((await feedServer({})).address)).rejects.toMatchObject({ code: "feed-unreachable" });
});
