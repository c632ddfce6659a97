import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { entryLines, type ParsedPart, parsePart } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { advisoryExtension, affectedExtension } from "../../../model/findings/advisory.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { azureLinuxFeed } from "./azure-linux-feed.ts";

const folder = temporaryFolder();

interface Said {
  readonly cve: string;
  readonly name?: string;
  readonly patchable?: string;
  readonly severity?: string;
  readonly date?: string;
  readonly operator?: "AND" | "OR" | "XOR" | undefined;
  /** `less than 0:1-1`. */
  readonly tests: readonly string[];
}

function oval(...definitions: readonly Said[]): string {
  const said = definitions.map(({ tests, ...definition }, index) => ({
    ...definition,
    tests: tests.map((test, place) => ({ id: `${index}.${place}`, test })),
  }));
  const metadata = said.map(
    ({
      cve,
      patchable = "true",
      severity = "High",
      date,
      operator = "AND",
      tests,
    }) => `<definition id="oval:x:${cve}"><metadata>
      <reference source="CVE" ref_id="${cve}"/><patchable>${patchable}</patchable><severity>${severity}</severity>
      ${date ? `<advisory_date>${date}</advisory_date>` : ""}<description>${cve} in a package. Not for us.</description>
      </metadata><criteria operator="${operator}">${tests.map(({ id }) => `<criterion test_ref="t${id}" comment=""/>`).join("")}
      </criteria></definition>`,
  );
  const joined = said.flatMap(({ name = "a", tests }) =>
    tests.map(({ id, test }) => {
      const [, operation, version] = /^(.*) (\S+)$/.exec(test) ?? [];
      return `<l:rpminfo_test id="t${id}"><l:object object_ref="o${id}"/><l:state state_ref="s${id}"/></l:rpminfo_test>
        <l:rpminfo_object id="o${id}"><l:name>${name}</l:name></l:rpminfo_object>
        <l:rpminfo_state id="s${id}"><l:evr operation="${operation}">${version}</l:evr></l:rpminfo_state>`;
    }),
  );
  return `<oval_definitions xmlns:l="urn:l"><definitions>${metadata.join("")}</definitions>${joined.join("")}</oval_definitions>`;
}

async function parse(documents: Readonly<Record<string, string>>): Promise<ParsedPart> {
  const files = Object.entries(documents).map(([release, text]) => {
    const path = join(folder, `${release}.xml`);
    writeFileSync(path, text);
    return path;
  });
  return parsePart(azureLinuxFeed, {
    name: "all",
    files,
    position: {
      files: Object.keys(documents)
        .map((release) => `azurelinux-${release}-oval.xml`)
        .join(" "),
    },
  });
}

test("what all releases say of a CVE is one record", async () => {
  const { advisories, problems } = await parse({
    "2.0": oval(
      { cve: "CVE-2024-1000", tests: ["less than 0:1-2.cm2"], date: "2024-05-01T00:00:00Z" },
      { cve: "CVE-2024-1000", name: "b", tests: ["less than or equal 0:3-1.cm2"], patchable: "false", severity: "Low" },
    ),
    "3.0": oval({
      cve: "CVE-2024-1000",
      tests: ["less than 0:1-3.azl3", "greater than 0:0.9.azl3"],
      date: "2024-04-01T00:00:00Z",
    }),
  });
  expect(problems).toEqual([]);
  expect(advisories).toHaveLength(1);
  const [advisory] = advisories;
  expect(advisory).toMatchObject({
    id: "AZL-CVE-2024-1000",
    upstream: ["CVE-2024-1000"],
    modified: "2024-05-01T00:00:00Z",
  });
  expect(entryLines(advisory)).toEqual([
    "Azure Linux:2 a [0, 0:1-2.cm2)",
    "Azure Linux:2 b [0, 0:3-1.cm2]",
    "Azure Linux:3 a [0:0.9.azl3, 0:1-3.azl3)",
  ]);
  expect(advisory?.affected?.map(affectedExtension)).toEqual([{}, { reason: "No patch is available currently" }, {}]);
  expect(advisory && advisoryExtension(advisory).severities).toEqual([
    { source: "Azure Linux", type: "word", score: "High" },
    { source: "Azure Linux", type: "word", score: "Low" },
  ]);
});

test("a statement is made once, and not where a version is named beside it", async () => {
  const none = { patchable: "Not Applicable", tests: ["less than or equal 0:1-1"] };
  const { advisories, statements } = await parse({
    "2.0": oval(
      { cve: "CVE-2024-1000", ...none },
      { cve: "CVE-2024-1000", tests: ["less than 0:1-2"] },
      { cve: "CVE-2024-1000", name: "b", ...none },
      { cve: "CVE-2024-1000", name: "b", ...none },
    ),
    "3.0": oval({ cve: "CVE-2024-1000", ...none }),
  });
  expect(advisories.flatMap(entryLines)).toEqual(["Azure Linux:2 a [0, 0:1-2)"]);
  expect(statements.map(({ ecosystem, name, statement }) => [ecosystem, name, statement.impact_statement])).toEqual([
    ["Azure Linux:2", "b", "Not for us."],
    ["Azure Linux:3", "a", "Not for us."],
  ]);
});

test("a definition without a CVE is a problem, and one without a test leaves what was known of its CVE", async () => {
  const { items, problems } = await parse({
    "3.0": oval({ cve: "ADV-1", tests: ["less than 0:1-1"] }, { cve: "CVE-2024-1000", tests: [] }),
  });
  expect(items).toEqual([{ kind: "unreadable", id: "AZL-CVE-2024-1000" }]);
  expect(problems.map(({ message }) => message)).toEqual([
    'definition "oval:x:ADV-1" in Azure Linux Vulnerability Data has no CVE',
    "CVE-2024-1000 has a definition in Azure Linux Vulnerability Data that tests no version",
  ]);
});

/** The lines of what stands in for a record that could not be read, and the problems. */
async function standIn(...definitions: readonly Said[]) {
  const { items, problems } = await parse({ "3.0": oval(...definitions) });
  const lines = items.flatMap((item) => (item.kind === "unreadable" ? entryLines(item.standIn) : [item.kind]));
  return { lines, messages: problems.map(({ message }) => message) };
}

test("a version that is none leaves what was known of the CVE, and is not a ground for 'not affected'", async () => {
  const cve = "CVE-2024-1000";
  const { lines, messages } = await standIn(
    { cve, tests: ["less than None"] },
    { cve, name: "b", tests: ["less than 0:1-1"] },
    { cve, patchable: "Not Applicable", tests: ["less than 0:1-1"] },
  );
  expect(lines).toEqual(["Azure Linux:3 a [0, )", "Azure Linux:3 b [0, 0:1-1)"]);
  expect(messages).toEqual([`${cve} has an unusable entry for a: "None" is not a valid version`]);
});

test.each<[string, Said["operator"], string[]]>([
  ["the operator OR", "OR", ["less than 0:2-1", "greater than 0:5-1"]],
  ["the operator XOR", "XOR", ["less than 0:2-1"]],
  ['the operation "equals"', "AND", ["equals 0:2-1"]],
  ['the operation "Less Than"', "AND", ["Less Than 0:2-1"]],
])("conditions with %s are not read as others, and their package counts as affected", async (what, operator, tests) => {
  const { lines, messages } = await standIn({ cve: "CVE-2024-1000", operator, tests });
  expect(lines).toEqual(["Azure Linux:3 a [0, )"]);
  expect(messages).toEqual([
    `CVE-2024-1000 has a definition in Azure Linux Vulnerability Data with ${what}, which is not supported`,
  ]);
});

test("several fixed versions in one are lines of a package, with the epoch of the first", async () => {
  const { advisories, problems } = await parse({
    "3.0": oval({ cve: "CVE-2022-41717", name: "golang", tests: ["less than 0:1.17.13-2,1.18.8-2,1.21.6-1.azl3"] }),
  });
  expect(problems).toEqual([]);
  expect(advisories.flatMap(entryLines)).toEqual([
    "Azure Linux:3 golang [0, 0:1.17.13-2)",
    "Azure Linux:3 golang [0:1.18-0, 0:1.18.8-2)",
    "Azure Linux:3 golang [0:1.19-0, 0:1.21.6-1.azl3)",
  ]);
});

test("lines begin above the version that a definition says is not affected, and those that end before are left out", async () => {
  const tests = ["less than 0:1.17.13-2,1.18.8-2,1.21.6-1", "greater than 0:1.18.5"];
  const { advisories, problems } = await parse({ "3.0": oval({ cve: "CVE-2024-1000", tests }) });
  expect(problems).toEqual([]);
  expect(advisories.flatMap(entryLines)).toEqual([
    "Azure Linux:3 a [0:1.18.5, 0:1.18.8-2)",
    "Azure Linux:3 a [0:1.19-0, 0:1.21.6-1)",
  ]);
});

test.each([
  [["less than 0:1.1-1", "greater than 0:1.2-1"]],
  [["less than or equal 0:1.1-1", "greater than 0:1.2-1"]],
  [["less than 0:1.2-1", "greater than 0:1.2-1"]],
  [["less than 0:1.2-1", "greater than or equal 0:1.2-1"]],
  [["less than or equal 0:1.2-1", "greater than 0:1.2-1"]],
])("%j covers no version: nothing comes of it, and what else is said of the CVE counts", async (tests) => {
  const cve = "CVE-2024-1000";
  const { advisories, problems } = await parse({
    "3.0": oval({ cve, tests }, { cve, name: "b", tests: ["less than 0:1-1"] }),
  });
  expect(problems).toEqual([]);
  expect(advisories.flatMap(entryLines)).toEqual(["Azure Linux:3 b [0, 0:1-1)"]);
});

test("a last version that is the first one as well is one version", async () => {
  const tests = ["less than or equal 0:1.2-1", "greater than or equal 0:1.2-1"];
  const { advisories } = await parse({ "3.0": oval({ cve: "CVE-2024-1000", tests }) });
  expect(advisories.flatMap(entryLines)).toEqual(["Azure Linux:3 a [0:1.2-1, 0:1.2-1]"]);
});

test("several fixes of which one begins with no number are told, and their package counts as affected", async () => {
  const tests = ["less than 0:v1.2-1,v2.3-1"];
  const { items, problems } = await parse({ "3.0": oval({ cve: "CVE-2024-1000", tests }) });
  expect(problems.map(({ message }) => message)).toEqual([
    "CVE-2024-1000 has a definition in Azure Linux Vulnerability Data with unsupported fixed versions: 0:v1.2-1,v2.3-1",
  ]);
  expect(items).toMatchObject([{ kind: "unreadable", id: "AZL-CVE-2024-1000" }]);
  const lines = items.flatMap((item) => (item.kind === "unreadable" ? entryLines(item.standIn) : []));
  expect(lines).toEqual(["Azure Linux:3 a [0, )"]);
});

test("of several last versions without a fix in one the highest counts", async () => {
  const { advisories, problems } = await parse({
    "3.0": oval({ cve: "CVE-2024-1000", tests: ["less than or equal 1:1.2-1,1.3-1"] }),
  });
  expect(problems).toEqual([]);
  expect(advisories.flatMap(entryLines)).toEqual(["Azure Linux:3 a [0, 1:1.3-1]"]);
});

test("one condition under the operator OR is that condition", async () => {
  const { advisories } = await parse({
    "3.0": oval({ cve: "CVE-2024-1000", operator: "OR", tests: ["less than 0:2-1"] }),
  });
  expect(advisories.flatMap(entryLines)).toEqual(["Azure Linux:3 a [0, 0:2-1)"]);
});

test("the files of all releases are fetched as one part", async () => {
  const server = await feedServer({
    [`${azureLinuxFeed.address}cbl-mariner-2.0-oval.xml`]: oval({ cve: "CVE-2024-1000", tests: ["less than 0:1-1"] }),
    [`${azureLinuxFeed.address}azurelinux-3.0-oval.xml`]: oval({ cve: "CVE-2024-1000", tests: ["less than 0:2-1"] }),
  });
  const { signal } = new AbortController();
  const source = openFeedSource({ base: azureLinuxFeed.address, from: server.address, workFolder: folder, signal });
  const parts: FeedPart[] = [];
  for await (const part of azureLinuxFeed.fetch(source, { signal, previous: () => undefined })) parts.push(part);
  expect(parts.map(({ name, state }) => [name, state])).toEqual([["all", "whole"]]);
  const [part] = parts;
  const parsed = part && (await parsePart(azureLinuxFeed, part));
  expect(parsed?.advisories.flatMap(entryLines)).toEqual(["Azure Linux:2 a [0, 0:1-1)", "Azure Linux:3 a [0, 0:2-1)"]);
});
