import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { fetchParts, packageFacts, parseFiles } from "../../../../tests/setup/package-facts.ts";
import { tar } from "../../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { xz } from "../../../../tests/setup/xz.ts";
import { ubuntuFeed } from "./ubuntu-feed.ts";

const folder = temporaryFolder();

type Entry = readonly [ecosystem: string, distro: string, fixed?: string];

function osvRecord(
  cve: string,
  entries: readonly Entry[],
  fields: Readonly<Record<string, unknown>> = {},
): [string, string] {
  const affected = entries.map(([ecosystem, distro, fixed]) => ({
    package: { ecosystem, name: "curl", purl: `pkg:deb/ubuntu/curl@1?arch=source&distro=${distro}` },
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, ...(fixed === undefined ? [] : [{ fixed }])] }],
    versions: ["1-1"],
    ecosystem_specific: { availability: "No subscription required", binaries: [{ binary_name: "curl" }] },
  }));
  const record = { id: `UBUNTU-${cve}`, modified: "2026-01-01T00:00:00Z", upstream: [cve], affected, ...fields };
  return [`osv/cve/${cve.slice(4, 8)}/UBUNTU-${cve}.json`, JSON.stringify(record)];
}

function vexDocument(
  cve: string,
  ...said: readonly (readonly [status: string, distro: string, words?: string])[]
): [string, string] {
  const statements = said.map(([status, distro, words]) => ({
    vulnerability: { name: cve, description: "A flaw." },
    status,
    ...(words !== undefined && { action_statement: `This package (for the given release) ${words}` }),
    products: [{ "@id": `pkg:deb/ubuntu/curl@1?arch=source&distro=${distro}` }],
  }));
  return [`vex/cve/${cve.slice(4, 8)}/${cve}.json`, JSON.stringify({ timestamp: "2026-02-02T00:00:00Z", statements })];
}

function archive(name: string, files: readonly (readonly [string, string])[]): string {
  const path = join(folder, name);
  writeFileSync(path, packed(files));
  return path;
}

function packed(files: readonly (readonly [string, string])[]): Buffer {
  return xz(tar(files.map(([name, content]) => ({ name, content }))));
}

async function statesOf(osv: readonly (readonly [string, string])[], vex: readonly (readonly [string, string])[] = []) {
  const { items, problems } = await parseFiles(ubuntuFeed, [archive("osv", osv), archive("vex", vex)]);
  expect(problems).toEqual([]);
  return packageFacts(items).map(({ ecosystem, state, reason }) => [ecosystem, state, ...(reason ? [reason] : [])]);
}

const cve = "CVE-2024-1111";

test("an entry without a fix gets its status from OpenVEX, one with a fix keeps it", async () => {
  const osv = osvRecord(cve, [
    ["Ubuntu:22.04:LTS", "jammy"],
    ["Ubuntu:24.04:LTS", "noble", "8.5-2"],
  ]);
  const vex = vexDocument(cve, ["affected", "jammy", "is no longer supported."], ["fixed", "noble"]);
  expect(await statesOf([osv], [vex])).toEqual([
    ["Ubuntu:22.04:LTS", "end-of-life", "no longer supported"],
    ["Ubuntu:24.04:LTS", "fixed 8.5-2"],
  ]);
});

test("what only OpenVEX calls affected is an entry without a fix, in a record of its own when need be", async () => {
  const vex = [
    vexDocument(cve, ["affected", "noble", "needs fixing"], ["under_investigation", "jammy"]),
    vexDocument("CVE-2024-2222", ["affected", "noble", "needs fixing"], ["affected", "nowhere", "needs fixing"]),
  ];
  expect(await statesOf([osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy"]])], vex)).toEqual([
    ["Ubuntu:22.04:LTS", "under-investigation", "under investigation"],
    ["Ubuntu:24.04:LTS", "affected", "needs fixing"],
    ["Ubuntu:24.04:LTS", "affected", "needs fixing"],
  ]);
});

test("a package with an entry for Ubuntu Pro alone stays affected in the release itself", async () => {
  const osv = [
    osvRecord(cve, [["Ubuntu:Pro:20.04:LTS", "esm-infra/focal", "7.68+esm1"]]),
    osvRecord("CVE-2024-2222", [["Ubuntu:Pro:20.04:LTS", "esm-apps/focal"]]),
    osvRecord("CVE-2024-3333", [["Ubuntu:Pro:FIPS-updates:20.04:LTS", "fips-updates/focal", "7.68+fips"]]),
  ];
  const { items } = await parseFiles(ubuntuFeed, [archive("osv", osv)]);
  expect(packageFacts(items).map(({ ecosystem, state, reason }) => [ecosystem, state, reason])).toEqual([
    ["Ubuntu:20.04:LTS", "will-not-fix", "fixed only in Ubuntu Pro"],
    ["Ubuntu:Pro:20.04:LTS", "fixed 7.68+esm1", undefined],
    ["Ubuntu:20.04:LTS", "will-not-fix", "left to Ubuntu Pro"],
    ["Ubuntu:Pro:20.04:LTS", "affected", undefined],
    ["Ubuntu:Pro:FIPS-updates:20.04:LTS", "fixed 7.68+fips", undefined],
  ]);
  const channels = items.flatMap((item) => (item.kind === "advisory" ? (item.advisory.affected ?? []) : []));
  expect(channels.map(({ database_specific: specific }) => specific)).toMatchObject([
    { plimsoll: { names: "source" } },
    { plimsoll: { names: "source", channel: "esm" } },
    { plimsoll: { names: "source" } },
    { plimsoll: { names: "source", channel: "esm" } },
    { plimsoll: { names: "source", channel: "fips" } },
  ]);
});

test("not affected in Ubuntu Pro counts for the release itself, unless Pro has a fix", async () => {
  const vex = [
    vexDocument(cve, ["not_affected", "esm-infra/focal"]),
    vexDocument("CVE-2024-2222", ["not_affected", "esm-infra/focal"]),
  ];
  const osv = [
    osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]]),
    osvRecord("CVE-2024-2222", [["Ubuntu:Pro:20.04:LTS", "esm-infra/focal", "7.68+esm1"]]),
  ];
  expect(await statesOf(osv, vex)).toEqual([
    ["Ubuntu:22.04:LTS", "fixed 1"],
    ["Ubuntu:20.04:LTS", "not affected"],
    ["Ubuntu:Pro:20.04:LTS", "not affected"],
    ["Ubuntu:20.04:LTS", "will-not-fix", "fixed only in Ubuntu Pro"],
    ["Ubuntu:Pro:20.04:LTS", "fixed 7.68+esm1"],
  ]);
});

test("a fix in an archive outweighs what OpenVEX says is not affected there", async () => {
  const osv = osvRecord(cve, [
    ["Ubuntu:22.04:LTS", "jammy", "8.5-2"],
    ["Ubuntu:24.04:LTS", "noble"],
  ]);
  const vex = vexDocument(cve, ["not_affected", "jammy"], ["not_affected", "noble"]);
  expect(await statesOf([osv], [vex])).toEqual([
    ["Ubuntu:22.04:LTS", "fixed 8.5-2"],
    ["Ubuntu:24.04:LTS", "affected"],
    ["Ubuntu:24.04:LTS", "not affected"],
  ]);
});

test("not affected in Ubuntu Pro does not count for a release that has a fix of its own or is called affected", async () => {
  const vex = [
    vexDocument(cve, ["fixed", "xenial"], ["not_affected", "esm-infra/xenial"]),
    vexDocument("CVE-2024-2222", ["affected", "xenial", "needs fixing"], ["not_affected", "esm-infra/xenial"]),
    vexDocument("CVE-2024-3333", ["not_affected", "esm-infra/xenial"]),
  ];
  const osv = [
    osvRecord(cve, [["Ubuntu:16.04:LTS", "xenial", "1.0.2g-1ubuntu4.15"]]),
    osvRecord("CVE-2024-3333", [["Ubuntu:16.04:LTS", "xenial"]]),
  ];
  expect(await statesOf(osv, vex)).toEqual([
    ["Ubuntu:16.04:LTS", "fixed 1.0.2g-1ubuntu4.15"],
    ["Ubuntu:Pro:16.04:LTS", "not affected"],
    ["Ubuntu:16.04:LTS", "affected"],
    ["Ubuntu:Pro:16.04:LTS", "not affected"],
    ["Ubuntu:16.04:LTS", "affected", "needs fixing"],
    ["Ubuntu:Pro:16.04:LTS", "not affected"],
  ]);
});

test("statements with an unknown status are one problem with a count", async () => {
  const vex = [
    vexDocument(cve, ["affected", "noble", "needs fixing"], ["odd", "jammy"], ["odder", "focal"]),
    vexDocument("CVE-2024-2222", ["not_affected", "jammy"], ["odd", "noble"]),
  ];
  const files = [archive("osv", [osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy"]])]), archive("vex", vex)];
  const { items, problems } = await parseFiles(ubuntuFeed, files);
  const standIns = items.flatMap((item) => (item.kind === "unreadable" ? (item.standIn?.affected ?? []) : []));
  expect(standIns.map((entry) => entry.package?.ecosystem)).toEqual(["Ubuntu:22.04:LTS", "Ubuntu:24.04:LTS"]);
  expect(items).toEqual([
    {
      kind: "unreadable",
      id: `UBUNTU-${cve}`,
      standIn: expect.objectContaining({ id: `UBUNTU-${cve}` }),
      statements: [],
    },
    { kind: "unreadable", id: cve },
    { kind: "unreadable", id: "UBUNTU-CVE-2024-2222" },
    { kind: "unreadable", id: "CVE-2024-2222" },
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    "statements in Ubuntu's OpenVEX archive with an unknown status: 3 (first in vex/cve/2024/CVE-2024-1111.json)",
  ]);
});

test("a record that is no longer renewed counts, a rejected CVE and a release that was given up do not", async () => {
  const withdrawn = { withdrawn: "2025-06-23T15:53:49Z" };
  const osv = [
    osvRecord(
      cve,
      [
        ["Ubuntu:22.04:LTS", "jammy", "1"],
        ["Ubuntu:24.10", "oracular", "2"],
      ],
      withdrawn,
    ),
    osvRecord("CVE-2024-2222", [["Ubuntu:22.04:LTS", "jammy", "1"]], { details: "Rejected reason: not a flaw." }),
  ];
  const vex = [vexDocument("CVE-2024-2222", ["affected", "jammy", "needs fixing"])];
  const { items } = await parseFiles(ubuntuFeed, [archive("osv", osv), archive("vex", vex)]);
  expect(packageFacts(items)).toEqual([{ id: cve, ecosystem: "Ubuntu:22.04:LTS", name: "curl", state: "fixed 1" }]);
  expect(items[0]).not.toHaveProperty("advisory.withdrawn");
});

test("a release that is new here is learnt from the records", async () => {
  const osv = osvRecord(cve, [["Ubuntu:28.04:LTS", "zany"]]);
  const vex = vexDocument(cve, ["affected", "zany", "is no longer supported."]);
  expect(await statesOf([osv], [vex])).toEqual([["Ubuntu:28.04:LTS", "end-of-life", "no longer supported"]]);
});

test("the priority is an opinion of Ubuntu's, vectors stay where OSV has them, listed versions go", async () => {
  const vector = { type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" };
  const severity = [vector, vector, { type: "Ubuntu", score: "medium" }];
  const { items } = await parseFiles(ubuntuFeed, [
    archive("osv", [osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]], { severity })]),
  ]);
  expect(items).toEqual([
    {
      kind: "advisory",
      advisory: {
        id: `UBUNTU-${cve}`,
        modified: "2026-01-01T00:00:00Z",
        upstream: [cve],
        severity: [vector],
        affected: [
          {
            package: { ecosystem: "Ubuntu:22.04:LTS", name: "curl" },
            ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1" }] }],
            database_specific: { plimsoll: { names: "source" } },
          },
        ],
        database_specific: { plimsoll: { severities: [{ source: "Ubuntu", type: "word", score: "medium" }] } },
      },
    },
  ]);
});

test("notices are passed over, files that cannot be read are problems", async () => {
  const osv = archive("osv", [
    osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]]),
    ["osv/usn/USN-1-1.json", "{}"],
    ["osv/cve/2024/UBUNTU-CVE-2024-2222.json", "{"],
    ["osv/cve/2024/UBUNTU-CVE-2024-3333.json", '{"id": "CVE-2024-3333", "modified": "2026-01-01T00:00:00Z"}'],
  ]);
  const { items, problems } = await parseFiles(ubuntuFeed, [
    osv,
    archive("vex", [["vex/cve/2024/CVE-2024-1111.json", "[]"]]),
  ]);
  expect(items).toEqual([
    {
      kind: "unreadable",
      id: `UBUNTU-${cve}`,
      standIn: expect.objectContaining({ id: `UBUNTU-${cve}` }),
      statements: [],
    },
    { kind: "unreadable", id: cve },
    { kind: "unreadable", id: "UBUNTU-CVE-2024-2222" },
    { kind: "unreadable", id: "CVE-2024-2222" },
    { kind: "unreadable", id: "UBUNTU-CVE-2024-3333" },
    { kind: "unreadable", id: "CVE-2024-3333" },
  ]);
  expect(problems.map(({ path }) => path)).toEqual([
    "vex/cve/2024/CVE-2024-1111.json",
    "osv/cve/2024/UBUNTU-CVE-2024-2222.json",
    "osv/cve/2024/UBUNTU-CVE-2024-3333.json",
  ]);
});

test("a document of OpenVEX that has no statement says nothing, as many of Ubuntu's do", async () => {
  const osv = archive("osv", [osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]])]);
  const empty = (name: string): [string, string] => [`vex/cve/2024/${name}.json`, '{"version": 1, "statements": []}'];
  const { items, problems } = await parseFiles(ubuntuFeed, [osv, archive("vex", [empty(cve), empty("CVE-2024-2222")])]);
  expect(problems).toEqual([]);
  expect(items.map(({ kind }) => kind)).toEqual(["advisory"]);
});

test("what OpenVEX says of a CVE stays when its document cannot be read, or stands in as far as it can", async () => {
  const [path, text] = vexDocument("CVE-2024-2222", ["affected", "jammy", "needs fixing"]);
  const [partPath, part] = vexDocument(
    "CVE-2024-3333",
    ["affected", "jammy", "needs fixing"],
    ["Affected", "noble"],
    ["not_affected", "focal"],
  );
  const known: [string, string] = [`vex/cve/2024/${cve}.json`, "{"];
  const { items, problems } = await parseFiles(ubuntuFeed, [
    archive("osv", [osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]])]),
    archive("vex", [known, [path, text.slice(0, -5)], [partPath, part]]),
  ]);
  expect(items).toMatchObject([
    { kind: "unreadable", id: `UBUNTU-${cve}`, standIn: { id: `UBUNTU-${cve}` } },
    { kind: "unreadable", id: cve },
    {
      kind: "unreadable",
      id: "UBUNTU-CVE-2024-3333",
      standIn: { affected: [{ package: { ecosystem: "Ubuntu:22.04:LTS" } }] },
    },
    { kind: "unreadable", id: "CVE-2024-3333" },
    { kind: "unreadable", id: "UBUNTU-CVE-2024-2222" },
    { kind: "unreadable", id: "CVE-2024-2222" },
  ]);
  expect(problems).toHaveLength(3);
});

test("statements of another shape are one problem with a count", async () => {
  const [path, text] = vexDocument(cve, ["affected", "jammy", "needs fixing"]);
  const document = JSON.parse(text) as { statements: Record<string, unknown>[] };
  const [statement] = document.statements;
  document.statements.push(
    { ...statement, vulnerability: ["CVE-2024-1111"] },
    { ...statement, products: { "@id": 3 } },
  );
  const { problems } = await parseFiles(ubuntuFeed, [
    archive("osv", [osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy"]])]),
    archive("vex", [[path, JSON.stringify(document)]]),
  ]);
  expect(problems.map(({ message }) => message)).toEqual([
    "statements in Ubuntu's OpenVEX archive that cannot be read: 2 (first in vex/cve/2024/CVE-2024-1111.json)",
  ]);
});

test("a record of which a field cannot be read counts without it, which is told", async () => {
  const osv = archive("osv", [osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]], { severity: "oops" })]);
  const { items, problems } = await parseFiles(ubuntuFeed, [osv, archive("vex", [])]);
  expect(packageFacts(items).map(({ state }) => state)).toEqual(["fixed 1"]);
  expect(problems.map(({ message }) => message)).toEqual([
    "osv/cve/2024/UBUNTU-CVE-2024-1111.json was only partly read: severity is not a list",
  ]);
});

test("an archive that is damaged, cut off, empty or none is malformed, and abort is honoured", async () => {
  const good = packed([osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy", "1"]])]);
  for (const bytes of [
    good.subarray(0, good.length - 40),
    Buffer.from("<html>"),
    packed([]),
    xz(Buffer.from("no tar".repeat(200))),
  ]) {
    const path = join(folder, "bad");
    writeFileSync(path, bytes);
    await expect(parseFiles(ubuntuFeed, [path])).rejects.toMatchObject({ code: "feed-malformed" });
  }
  const context = { signal: AbortSignal.abort(), problem: () => {} };
  const path = join(folder, "good");
  writeFileSync(path, good);
  const parsing = async (): Promise<void> => {
    for await (const _ of ubuntuFeed.parse({ name: "all", state: "whole", files: [path], position: {} }, context));
  };
  await expect(parsing()).rejects.toMatchObject({ code: "cancelled" });
});

test("both archives are fetched as one part, and OpenVEX may be missing, which is told", async () => {
  const osv = packed([osvRecord(cve, [["Ubuntu:22.04:LTS", "jammy"]])]);
  const server = await feedServer({ [`${ubuntuFeed.address}osv/osv-all.tar.xz`]: osv });
  const from = { from: server.address, workFolder: folder };
  const [alone] = await fetchParts(ubuntuFeed, from);
  expect(alone?.files).toHaveLength(1);
  const { problems } = await parseFiles(ubuntuFeed, alone?.files ?? []);
  expect(problems).toMatchObject([{ message: expect.stringContaining("OpenVEX archive was not found") }]);
  const vex = packed([vexDocument(cve, ["affected", "jammy", "is no longer supported."])]);
  server.put(`${ubuntuFeed.address}vex/vex-all.tar.xz`, vex);
  const [both] = await fetchParts(ubuntuFeed, { ...from, previous: alone?.position });
  const { items } = await parseFiles(ubuntuFeed, both?.files ?? []);
  expect(packageFacts(items).map(({ state }) => state)).toEqual(["end-of-life"]);
  expect((await fetchParts(ubuntuFeed, { ...from, previous: both?.position }))[0]?.state).toBe("unchanged");
});
