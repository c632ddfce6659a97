import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { fetchParts, packageFacts, parseFiles } from "../../../../tests/setup/package-facts.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { debianFeed } from "./debian-feed.ts";

const folder = temporaryFolder();

function written(...contents: string[]): string[] {
  return contents.map((content, index) => {
    const path = join(folder, `${index}`);
    writeFileSync(path, content);
    return path;
  });
}

const tracker = JSON.stringify({
  curl: {
    "CVE-2024-1111": {
      description: "A flaw.",
      releases: {
        trixie: { status: "resolved", fixed_version: "8.1-2", urgency: "low" },
        bookworm: { status: "open", urgency: "low", nodsa: "Minor issue", nodsa_reason: "postponed" },
        sid: { status: "resolved", fixed_version: "8.1-2", urgency: "low" },
      },
    },
    "TEMP-0000000-ABC123": { releases: { trixie: { status: "undetermined", urgency: "not yet assigned" } } },
  },
  acurl: { "CVE-2024-1111": { releases: { bookworm: { status: "resolved", fixed_version: "0", urgency: "low" } } } },
});

const dsa = `[02 Feb 2024] DSA-5600-1 curl - security update
	{CVE-2024-1111 CVE-2020-2222}
	[bookworm] - curl 7.9-1
	[buster] - curl 7.5-1+deb10u2
[01 Jan 2024] DSA-5599-2 curl - regression update
	{CVE-2024-1111}
	[buster] - curl 7.5-1+deb10u1
	[etch] - curl <not-affected> (Too old)
`;

test("a vulnerability is one record over all packages and releases, with the advisories that brought fixes", async () => {
  const { items, problems } = await parseFiles(debianFeed, written(tracker, dsa));
  expect(problems).toEqual([]);
  expect(items.map((item) => (item.kind === "advisory" ? item.advisory.id : item.kind))).toEqual([
    "DEBIAN-CVE-2020-2222",
    "DEBIAN-CVE-2024-1111",
    "statement",
    "DEBIAN-TEMP-0000000-ABC123",
  ]);
  expect(items[1]).toMatchObject({
    advisory: {
      modified: "2024-02-02T00:00:00Z",
      related: ["DSA-5599-2", "DSA-5600-1"],
      upstream: ["CVE-2024-1111"],
      details: "A flaw.",
    },
  });
  expect(packageFacts(items)).toEqual([
    { id: "CVE-2020-2222", ecosystem: "Debian:10", name: "curl", state: "fixed 7.5-1+deb10u2" },
    {
      id: "CVE-2024-1111",
      ecosystem: "Debian:12",
      name: "curl",
      state: "fix-deferred",
      reason: "postponed: Minor issue",
    },
    { id: "CVE-2024-1111", ecosystem: "Debian:13", name: "curl", state: "fixed 8.1-2" },
    // The oldest advisory of a release that the JSON no longer has.
    { id: "CVE-2024-1111", ecosystem: "Debian:10", name: "curl", state: "fixed 7.5-1+deb10u1" },
    { id: "CVE-2024-1111", ecosystem: "Debian:12", name: "acurl", state: "not affected" },
    {
      id: "TEMP-0000000-ABC123",
      ecosystem: "Debian:13",
      name: "curl",
      state: "under-investigation",
      reason: "undetermined",
    },
  ]);
});

test("of fixes in both lists the lowest version of a release counts, whichever list it is in", async () => {
  const dsa = `[02 Jan 2023] DSA-1-1 a - security update
	{CVE-2022-1111}
	[buster] - a 4.19.249-2
	[buster] - b 2.0-1
`;
  const dla = `[03 Feb 2023] DLA-2-1 a - security update
	{CVE-2022-1111}
	[buster] - a 4.19.260-1
	[buster] - b 1.9~rc1-1
	[buster] - b 10.0-1
`;
  const expected = [
    { id: "CVE-2022-1111", ecosystem: "Debian:10", name: "a", state: "fixed 4.19.249-2" },
    { id: "CVE-2022-1111", ecosystem: "Debian:10", name: "b", state: "fixed 1.9~rc1-1" },
  ];
  for (const lists of [
    [dsa, dla],
    [dla, dsa],
  ]) {
    const { items } = await parseFiles(debianFeed, written(tracker, ...lists));
    expect(packageFacts(items).filter(({ id }) => id === "CVE-2022-1111")).toEqual(expected);
  }
});

test("what is resolved without a version is one problem with a count", async () => {
  const releases = { trixie: { status: "resolved" }, bookworm: { status: "resolved" }, sid: { status: "resolved" } };
  const json = JSON.stringify({ a: { "CVE-2024-1111": { releases } }, b: { "CVE-2024-2222": { releases } } });
  const { items, problems } = await parseFiles(debianFeed, written(json));
  expect(items).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual([
    "entries in the Debian Security Tracker JSON that are resolved without a version were skipped: 4 (first: CVE-2024-1111 in a for trixie)",
  ]);
});

test("the word for the severity stands at each release, and at the record when all agree", async () => {
  const release = (urgency: string) => ({ status: "open", urgency });
  const json = JSON.stringify({
    a: { "CVE-2024-1111": { releases: { trixie: release("unimportant"), bookworm: release("unimportant") } } },
    b: { "CVE-2024-2222": { releases: { trixie: release("high"), bookworm: release("low") } } },
  });
  const { items } = await parseFiles(debianFeed, written(json));
  expect(items).toMatchObject([
    {
      advisory: {
        affected: [
          { ecosystem_specific: { urgency: "unimportant" } },
          { ecosystem_specific: { urgency: "unimportant" } },
        ],
        database_specific: { plimsoll: { severities: [{ source: "Debian", type: "word", score: "unimportant" }] } },
      },
    },
    {
      advisory: { affected: [{ ecosystem_specific: { urgency: "low" } }, { ecosystem_specific: { urgency: "high" } }] },
    },
  ]);
  expect(items[1]).not.toHaveProperty("advisory.database_specific");
});

test("what is not a vulnerability of a package is a problem, the rest is read", async () => {
  const json =
    '{"a": {"CVE-2024-1111": 3, "x y": {}, "CVE-2024-2222": {"releases": {"trixie": {"status": "open"}}}, "CVE-2024-3333": {bad}}}';
  const { items, problems } = await parseFiles(debianFeed, written(json));
  expect(packageFacts(items).map(({ id }) => id)).toEqual(["CVE-2024-2222"]);
  expect(problems).toHaveLength(3);
});

test.each(["", "{}", "<html>", '{"a": {"CVE-2024-1111": {"releases": {}}', "[1]"])(
  "%j is not the tracker's",
  async (text) => {
    await expect(parseFiles(debianFeed, written(text))).rejects.toMatchObject({ code: "feed-malformed" });
  },
);

test("the tracker and the lists are fetched as one, and the lists may be missing", async () => {
  const lists = "https://salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data";
  const server = await feedServer({ [`${debianFeed.address}data/json`]: tracker, [`${lists}/DSA/list`]: dsa });
  const from = { from: server.address, workFolder: folder };
  const [first] = await fetchParts(debianFeed, from);
  expect(first?.files).toHaveLength(2);
  const [second] = await fetchParts(debianFeed, { ...from, previous: first?.position });
  expect(second?.state).toBe("unchanged");
  server.put(`${lists}/DLA/list`, "");
  const [third] = await fetchParts(debianFeed, { ...from, previous: first?.position });
  expect(third?.files).toHaveLength(3);
  server.remove(`${debianFeed.address}data/json`);
  await expect(fetchParts(debianFeed, from)).rejects.toMatchObject({ code: "feed-unreachable" });
});

test("a status or a release that is not known is a problem, because it may be a vulnerability", async () => {
  const releases = {
    trixie: { status: "open" },
    bookworm: { status: "odd" },
    sid: { status: "open" },
    zurg: { status: "open" },
  };
  const { items, problems } = await parseFiles(
    debianFeed,
    written(JSON.stringify({ a: { "CVE-2024-1111": { releases } } })),
  );
  expect(items).toMatchObject([
    {
      kind: "unreadable",
      id: "DEBIAN-CVE-2024-1111",
      standIn: { affected: [{ package: { ecosystem: "Debian:13" } }] },
    },
    { kind: "unreadable", id: "CVE-2024-1111" },
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    'the Debian Security Tracker JSON has an unknown status for CVE-2024-1111 in a for "bookworm"',
    'the Debian Security Tracker JSON lists the unknown release "zurg"',
  ]);
});

test("what is not known of a release that is not read is told, and leaves no record as it was", async () => {
  const releases = { trixie: { status: "open" }, zurg: { status: "odd" }, experimental: 3 };
  const json = JSON.stringify({
    a: { "CVE-2024-1111": { releases } },
    b: { "CVE-2024-2222": { releases: { sid: 3 } } },
  });
  const { items, problems } = await parseFiles(debianFeed, written(json));
  expect(items).toMatchObject([
    { kind: "advisory", advisory: { affected: [{ package: { ecosystem: "Debian:13", name: "a" } }] } },
    { kind: "unreadable", id: "DEBIAN-CVE-2024-2222" },
    { kind: "unreadable", id: "CVE-2024-2222" },
  ]);
  expect(problems).toHaveLength(4);
});

test("what the tracker says of unstable counts for testing, which images of both name", async () => {
  const json = JSON.stringify({
    migrating: {
      "CVE-2024-1111": {
        releases: {
          trixie: { status: "open" },
          forky: { status: "open" },
          sid: { status: "resolved", fixed_version: "1.2-1" },
        },
      },
    },
    unstable: { "CVE-2024-1111": { releases: { sid: { status: "open" } } } },
    newer: {
      "CVE-2024-1111": {
        releases: {
          forky: { status: "resolved", fixed_version: "0" },
          sid: { status: "open", repositories: { sid: "2.0-1" } },
        },
      },
    },
  });
  const { items, problems } = await parseFiles(debianFeed, written(json));
  expect(problems).toEqual([]);
  expect(packageFacts(items).map(({ name, ecosystem, state }) => `${name} in ${ecosystem}: ${state}`)).toEqual([
    "migrating in Debian:13: affected",
    "migrating in Debian:14: fixed 1.2-1",
    "newer in Debian:14: affected",
    "unstable in Debian:14: affected",
  ]);
});

test("lists that name every CVE for every package are over a limit", async () => {
  const cves = Array.from({ length: 1400 }, (_, index) => `CVE-2024-${1000 + index}`).join(" ");
  const list = `[02 Feb 2024] DSA-1-1 a - security update\n\t{${cves}}\n${"\t[buster] - a 1-1\n".repeat(4000)}`;
  await expect(parseFiles(debianFeed, written(tracker, list))).rejects.toMatchObject({ code: "limit-exceeded" });
});

test("what the tracker says of unstable counts for no release when it speaks of one that is not known", async () => {
  const releases = {
    forky: { status: "resolved", fixed_version: "0" },
    sid: { status: "open", repositories: { sid: "2.0-1" } },
    zurg: { status: "open" },
  };
  const { items } = await parseFiles(debianFeed, written(JSON.stringify({ a: { "CVE-2024-1111": { releases } } })));
  expect(items).toMatchObject([{ kind: "statement", ecosystem: "Debian:14", name: "a" }]);
});

test("what cannot be read leaves the records that it names, and what can be read of them stands in", async () => {
  const open = { releases: { trixie: { status: "open" } } };
  const json = JSON.stringify({
    a: [{ "CVE-2024-1111": open }],
    b: { "CVE-2024-1111": open, "CVE-2024-2222": { releases: "trixie" }, "CVE-2024-3333": { releases: [open] } },
    c: { "CVE-2024-4444": [], "CVE-2024-5555": {}, "CVE-2024-6666": { releases: [] }, "CVE-2024-7777": open },
    d: "TEMP-0000000-ABC123",
  });
  const { items, problems } = await parseFiles(debianFeed, written(json, dsa));
  const ids = items.map((item) =>
    item.kind === "unreadable" ? [item.id, item.standIn?.affected?.map((entry) => entry.package?.name)] : item.kind,
  );
  expect(ids).toEqual([
    "advisory",
    ["DEBIAN-CVE-2024-1111", ["b", "curl", "curl"]],
    ["CVE-2024-1111", undefined],
    ["DEBIAN-CVE-2024-2222", undefined],
    ["CVE-2024-2222", undefined],
    ["DEBIAN-CVE-2024-3333", undefined],
    ["CVE-2024-3333", undefined],
    ["DEBIAN-CVE-2024-4444", undefined],
    ["CVE-2024-4444", undefined],
    ["DEBIAN-CVE-2024-5555", undefined],
    ["CVE-2024-5555", undefined],
    "advisory",
    ["DEBIAN-TEMP-0000000-ABC123", undefined],
    ["TEMP-0000000-ABC123", undefined],
  ]);
  expect(problems.map(({ message }) => message.replace("the Debian Security Tracker JSON", "it"))).toEqual([
    'it has an entry for "a" that is not a map of vulnerabilities',
    'it has an entry for "d" that is not a map of vulnerabilities',
    "it has no releases for CVE-2024-2222 in b",
    "it has no releases for CVE-2024-3333 in b",
    'it has an invalid entry for "CVE-2024-4444" in "c"',
    "it has no releases for CVE-2024-5555 in c",
  ]);
});

test("a fixed version that is not text leaves the record, one that is not there does not", async () => {
  const fixed = (version?: unknown) => ({ releases: { trixie: { status: "resolved", fixed_version: version } } });
  const json = {
    a: { "CVE-2024-1111": fixed(8.1), "CVE-2024-2222": fixed("1".repeat(300)), "CVE-2024-3333": fixed() },
  };
  const { items, problems } = await parseFiles(debianFeed, written(JSON.stringify(json)));
  expect(items).toEqual(
    ["DEBIAN-CVE-2024-1111", "CVE-2024-1111", "DEBIAN-CVE-2024-2222", "CVE-2024-2222"].map((id) => ({
      kind: "unreadable",
      id,
    })),
  );
  expect(problems).toHaveLength(1);
});

test("a package that is there twice is affected when it is once, which is told", async () => {
  const said = (status: string) =>
    `{"CVE-2024-1111": {"releases": {"trixie": {"status": "${status}", "fixed_version": "0"}}}}`;
  for (const text of [
    `{"a": ${said("open")}, "a": ${said("resolved")}}`,
    `{"a": ${said("resolved")}, "a": ${said("open")}}`,
  ]) {
    const { items, problems } = await parseFiles(debianFeed, written(text));
    expect(items.map(({ kind }) => kind)).toEqual(["advisory"]);
    expect(problems.map(({ message }) => message)).toEqual([
      "the Debian Security Tracker JSON lists CVE-2024-1111 twice for a; if the entries differ, the package counts as affected",
    ]);
  }
});
