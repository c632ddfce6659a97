import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { entryLines, type ParsedPart, parsePart } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { advisoryExtension } from "../../../model/findings/advisory.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { oracleFeed } from "./oracle-feed.ts";

const folder = temporaryFolder();

function definition(
  id: string,
  criteria: string,
  { cves = [["CVE-2024-1000", ""]], title = `${id}: a fix (LOW)` } = {},
): string {
  const named = cves.map(([cve, attributes]) => `<cve ${attributes}>${cve}</cve>`).join("");
  return `<definition id="oval:x" class="patch"><metadata><title> ${title} </title>
    <reference source="elsa" ref_id="${id}" ref_url="https://linux.oracle.com/errata/${id}.html"/>
    <advisory><severity>LOW</severity><issued date="2024-01-02"/>${named}</advisory></metadata>${criteria}</definition>`;
}

function all(...inside: string[]): string {
  return `<criteria operator="AND">${inside.join("")}</criteria>`;
}

function one(...inside: string[]): string {
  return `<criteria operator="OR">${inside.join("")}</criteria>`;
}

function says(comment: string): string {
  return `<criterion test_ref="t" comment="${comment}"/>`;
}

const eight = says("Oracle Linux 8 is installed");

async function parse(...definitions: string[]): Promise<ParsedPart> {
  const path = join(folder, "oval.xml");
  writeFileSync(path, `<oval_definitions><definitions>${definitions.join("")}</definitions></oval_definitions>`);
  return parsePart(oracleFeed, { name: "all", files: [path] });
}

/** The lines of what stands in for a definition that could not be read, and the problems. */
async function standInOf(criteria: string): Promise<{ lines: string[]; messages: string[] }> {
  const { items, problems } = await parse(definition("ELSA-2024-1", criteria));
  const lines = items.flatMap((item) => (item.kind === "unreadable" ? entryLines(item.standIn) : [item.kind]));
  return { lines, messages: problems.map(({ message }) => message) };
}

async function linesOf(criteria: string): Promise<string[]> {
  const { advisories } = await parse(definition("ELSA-2024-1", criteria));
  return entryLines(advisories[0]);
}

test("a module's stream holds for the packages beside it and not for others", async () => {
  const stream = (name: string, version: string): string =>
    all(
      says(`Module nodejs:${name} is enabled`),
      one(all(says(`nodejs is earlier than 1:${version}`)), says("npm is earlier than 1:1-1")),
    );
  const lines = await linesOf(
    all(eight, one(stream("16", "16.1-1"), stream("18", "18.1-1"), says("c is earlier than 0:1-1"))),
  );
  expect(lines).toEqual([
    "Oracle Linux:8 c [0, 0:1-1)",
    "Oracle Linux:8 nodejs [0, 1:16.1-1) nodejs:16",
    "Oracle Linux:8 nodejs [0, 1:18.1-1) nodejs:18",
    "Oracle Linux:8 npm [0, 1:1-1) nodejs:16",
    "Oracle Linux:8 npm [0, 1:1-1) nodejs:18",
  ]);
});

test("builds for FIPS and Ksplice are in their channels, by what is said of them or by their version", async () => {
  const lines = await linesOf(
    all(
      eight,
      one(
        all(says("a is earlier than 10:1-1.el8_fips"), says("a is signed with the Oracle Linux 8 key")),
        all(says("b is earlier than 10:1-1"), says("b is fips patched")),
        all(says("c is earlier than 2:1-1"), says("c is ksplice-based")),
        all(says("d is earlier than 2:1-1.ksplice1.el8")),
        says("e is earlier than 0:1-1"),
      ),
    ),
  );
  expect(lines).toEqual([
    "Oracle Linux:8 a [0, 10:1-1.el8_fips) fips",
    "Oracle Linux:8 b [0, 10:1-1) fips",
    "Oracle Linux:8 c [0, 2:1-1) ksplice",
    "Oracle Linux:8 d [0, 2:1-1.ksplice1.el8) ksplice",
    "Oracle Linux:8 e [0, 0:1-1)",
  ]);
});

function release(number: string): string {
  return all(says(`Oracle Linux ${number} is installed`), one(says(`a is earlier than 0:1-1.el${number}`)));
}

test("releases side by side have their own packages", async () => {
  expect(await linesOf(one(release("7"), release("8")))).toEqual([
    "Oracle Linux:7 a [0, 0:1-1.el7)",
    "Oracle Linux:8 a [0, 0:1-1.el8)",
  ]);
});

const other = says("b is earlier than 0:1-1");

test.each([
  ["a package of no release", other, "lists b outside any release"],
  [
    "a negated group",
    `<criteria operator="AND" negate="true">${eight}${other}</criteria>`,
    "has a negated condition, which is not supported",
  ],
  [
    "a negated test",
    all(eight, '<criterion negate="1" test_ref="t" comment="b is earlier than 0:1-1"/>'),
    "has a negated condition, which is not supported",
  ],
  [
    "another definition",
    all(eight, '<extend_definition definition_ref="d" comment="b is earlier than 0:1-1"/>'),
    "has extend_definition, which is not supported",
  ],
  ["another operator", '<criteria operator="XOR"/>', "has the operator XOR, which is not supported"],
])("a definition with %s leaves the one that was there", async (_, criteria, message) => {
  expect(await standInOf(one(release("8"), criteria))).toEqual({
    lines: ["Oracle Linux:8 a [0, 0:1-1.el8)"],
    messages: [`ELSA-2024-1 ${message}`],
  });
});

test.each([
  ["", '""'],
  ["  ", '"  "'],
  [" none", '"none"'],
  [" 0:none", '"0:none"'],
  [" 1 - 2", '"1 - 2"'],
])("a fix in a version that is none (%j) leaves the definition that was there", async (version, shown) => {
  const { lines, messages } = await standInOf(all(eight, says(`a is earlier than${version}`), other));
  expect(lines).toEqual(["Oracle Linux:8 a [0, )", "Oracle Linux:8 b [0, 0:1-1)"]);
  expect(messages).toEqual([
    `ELSA-2024-1 has an unusable entry for a: ${shown.replace('"  "', '" "')} is not a valid version`,
  ]);
});

test("of criteria that are negated as a whole nothing is read", async () => {
  const negated = `<criteria operator="AND" negate="true">${eight}${other}</criteria>`;
  expect(await standInOf(negated)).toEqual({
    lines: [],
    messages: ["ELSA-2024-1 has a negated condition, which is not supported"],
  });
});

test("a record has the advisory's id, title, date and address, and the vector of its only CVE", async () => {
  const vector = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H";
  const criteria = all(eight, says("a is earlier than 0:1-1"));
  const { advisories } = await parse(
    definition("ELSA-2024-1", criteria, { cves: [["CVE-2024-1000", `cvss3="8.1/${vector}"`]] }),
    definition("ELSA-2024-2", criteria, {
      cves: [
        ["CVE-2024-1000", `cvss3="8.1/${vector}"`],
        ["CVE-2024-1001", ""],
      ],
    }),
  );
  expect(advisories[0]).toMatchObject({
    id: "ELSA-2024-1",
    modified: "2024-01-02T00:00:00Z",
    published: "2024-01-02T00:00:00Z",
    upstream: ["CVE-2024-1000"],
    summary: "a fix",
    references: [{ type: "ADVISORY", url: "https://linux.oracle.com/errata/ELSA-2024-1.html" }],
  });
  const severities = advisories.map((advisory) => advisoryExtension(advisory).severities);
  const word = { source: "Oracle", type: "word", score: "LOW" };
  expect(severities).toEqual([[word, { source: "Oracle", type: "CVSS_V3", score: vector }], [word]]);
});

test("advisories that are not fixes of vulnerabilities are left out, and what names no package or has no id is a problem", async () => {
  const criteria = all(eight, says("a is earlier than 0:1-1"));
  const { items, problems } = await parse(
    definition("ELBA-2024-1", criteria, { cves: [] }),
    definition("ELSA-2024-1", all(eight)),
    definition("ELSA-2024-3", ""),
    definition("ELSA-x", criteria, { title: "a fix" }),
    definition("ELSA-2024-2", all(eight, says("a\u00e9 is earlier than 0:1-1"))),
  );
  const ids = ["ELSA-2024-1", "ELSA-2024-3", "ELSA-2024-2"];
  expect(items).toEqual(ids.map((id) => ({ kind: "unreadable", id })));
  expect(problems.map(({ message }) => message)).toEqual([
    "ELSA-2024-1 names no package",
    "ELSA-2024-3 names no package",
    `a definition in Oracle's OVAL file has no advisory id: "oval:x"`,
    `ELSA-2024-2 has an unusable entry for a\u00e9: "a\u00e9" is not a valid package name`,
  ]);
});

test("a test in other words is a problem, and leaves the advisory that was there only where no fix is read", async () => {
  const messages = ['ELSA-2024-1 has an unknown criterion: "b is before 0:1-1"'];
  const words = says("b is before 0:1-1");
  const beside = await parse(definition("ELSA-2024-1", all(eight, one(says("a is earlier than 0:1-1"), words))));
  expect(beside.advisories.flatMap(entryLines)).toEqual(["Oracle Linux:8 a [0, 0:1-1)"]);
  expect(beside.items).toHaveLength(1);
  expect(beside.problems.map(({ message }) => message)).toEqual(messages);
  expect(await standInOf(all(eight, words))).toEqual({ lines: [], messages });
});

test.each([says(""), '<criterion test_ref="t"/>'])(
  "a test without words, %s, is one in other words",
  async (silent) => {
    const messages = ['ELSA-2024-1 has an unknown criterion: ""'];
    const { advisories, problems } = await parse(
      definition("ELSA-2024-1", all(eight, says("a is earlier than 0:1-1"), silent, says("b is before 0:1-1"))),
    );
    expect(advisories.flatMap(entryLines)).toEqual(["Oracle Linux:8 a [0, 0:1-1)"]);
    expect(problems.map(({ message }) => message)).toEqual(messages);
    expect(await standInOf(all(eight, silent))).toEqual({ lines: [], messages });
  },
);

test("the one file is fetched when it has changed", async () => {
  const address = `${oracleFeed.address}com.oracle.elsa-all.xml.bz2`;
  const server = await feedServer({ [address]: "one" });
  const { signal } = new AbortController();
  const source = openFeedSource({ base: oracleFeed.address, from: server.address, workFolder: folder, signal });
  const fetch = async (position?: Position): Promise<FeedPart[]> => {
    const parts: FeedPart[] = [];
    for await (const part of oracleFeed.fetch(source, { signal, previous: () => position })) parts.push(part);
    return parts;
  };
  const [first] = await fetch();
  expect(first?.state).toBe("whole");
  expect(readFileSync(first?.files[0] ?? "", "utf8")).toBe("one");
  expect(await fetch(first?.position)).toMatchObject([{ name: "all", state: "unchanged", files: [] }]);
  server.remove(address);
  await expect(fetch()).rejects.toMatchObject({ code: "feed-unreachable" });
});
