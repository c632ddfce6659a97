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

test("what has another shape is a problem, and no vulnerability at all an error", async () => {
  const odd = JSON.stringify({
    distroversion: "v3.19",
    packages: [
      null,
      { pkg: 1 },
      { pkg: { name: "a", secfixes: { "1": "CVE-2022-1111", "2": [3], "3": {} } } },
      { pkg: { name: "b", secfixes: [] } },
      { pkg: { name: "c", secfixes: { "1": ["CVE-2024-12", "a remark"], "2": ["CVE-20-1"] } } },
    ],
  });
  const good = secdb("v3.20", { a: { "1-r0": ["CVE-2022-3333"] } });
  const { items, problems } = await parseFiles(
    alpineFeed,
    written(odd, good, '{"distroversion":"edge","packages":{}}'),
  );
  expect(packageFacts(items)).toHaveLength(1);
  expect(problems.map(({ message }) => message.replaceAll("Alpine Security Database", "it"))).toEqual([
    "an entry in the it has no package",
    "an entry in the it has no package",
    'the entry for a "1" in the it cannot be read',
    'the entry for a "2" in the it cannot be read',
    'entries in the it without a vulnerability: 2 (first: "CVE-2024-12" of c)',
  ]);
  await expect(parseFiles(alpineFeed, written(odd))).rejects.toMatchObject({ code: "feed-malformed" });
  await expect(parseFiles(alpineFeed, written(good.slice(0, -5)))).rejects.toMatchObject({ code: "feed-malformed" });
});

test.each(["7", '"text"', '{"pkg": {"name": "a", "secfixes": {"2-r0": ["CVE-2022-1111"]}}}'])(
  "packages that are %s are an error, as a branch without its repository would look clean",
  async (packages) => {
    const good = secdb("v3.20", { a: { "1-r0": ["CVE-2022-3333"] } });
    const odd = `{"distroversion": "v3.19", "reponame": "community", "packages": ${packages}}`;
    await expect(parseFiles(alpineFeed, written(good, odd))).rejects.toThrow(
      "the packages of v3.19/community are not a list",
    );
  },
);

test.each(["null", "{}", "[]"])("packages that are %s are none, as a branch without fixes has it", async (packages) => {
  const good = secdb("v3.20", { a: { "1-r0": ["CVE-2022-3333"] } });
  const none = `{"distroversion": "v3.3", "reponame": "community", "packages": ${packages}}`;
  const { items, problems } = await parseFiles(alpineFeed, written(good, none));
  expect(problems).toEqual([]);
  expect(packageFacts(items)).toHaveLength(1);
});

test("a file that names no branch is an error, for the same reason", async () => {
  const good = secdb("v3.20", { a: { "1-r0": ["CVE-2022-3333"] } });
  for (const odd of ["[]", '{"packages":{}}', secdb("3.20", {})]) {
    await expect(parseFiles(alpineFeed, written(good, odd))).rejects.toMatchObject({ code: "feed-malformed" });
  }
});

test("of a vulnerability that is named in what cannot be read the known record stays, and what can be read stands in for it", async () => {
  const damaged = {
    "2-r0": "CVE-2022-1111",
    "3-r0": [{ id: "CVE-2022-2222" }, "CVE-2022-3333"],
    "0": ["CVE-2022-4444", "CVE-2022-5555"],
  };
  const files = written(
    secdb("v3.19", { a: damaged, b: "1-r0: CVE-2022-4444" }),
    secdb("v3.20", { a: { "2-r1": ["CVE-2022-1111"] } }),
  );
  const { items } = await parseFiles(alpineFeed, files);
  expect(items).toMatchObject([
    {
      kind: "unreadable",
      id: "ALPINE-CVE-2022-1111",
      standIn: { affected: [{ package: { ecosystem: "Alpine:v3.20", name: "a" } }] },
    },
    { kind: "unreadable", id: "CVE-2022-1111" },
    { kind: "unreadable", id: "ALPINE-CVE-2022-2222" },
    { kind: "unreadable", id: "CVE-2022-2222" },
    { kind: "advisory", advisory: { id: "ALPINE-CVE-2022-3333" } },
    { kind: "unreadable", id: "ALPINE-CVE-2022-4444" },
    { kind: "unreadable", id: "CVE-2022-4444" },
    { kind: "statement", statement: { vulnerability: { name: "CVE-2022-5555" } } },
  ]);
  expect(items[2]).not.toHaveProperty("standIn");
});

test("the name of a package is not a vulnerability, whatever it looks like", async () => {
  const packages = [
    { pkg: { name: "font-adobe-100dpi", secfixes: "CVE-2022-1111" } },
    { pkg: { name: "XSA-295", secfixes: 7 } },
    { package: "py3-abc-2", secfixes: { "1-r0": ["XSA-1", "TALOS-2020-1234"] } },
    { pkg: { name: "a", secfixes: { "1-r0": ["CVE-2022-3333"] } } },
  ];
  const { items } = await parseFiles(alpineFeed, written(JSON.stringify({ distroversion: "v3.19", packages })));
  expect(items.flatMap((item) => (item.kind === "unreadable" ? [item.id] : []))).toEqual([
    "ALPINE-CVE-2022-1111",
    "CVE-2022-1111",
    "ALPINE-TALOS-2020-1234",
    "TALOS-2020-1234",
    "ALPINE-XSA-1",
    "XSA-1",
  ]);
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
