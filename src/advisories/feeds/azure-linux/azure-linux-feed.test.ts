import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { entryLines, type ParsedPart, parsePart } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { advisoryExtension, affectedExtension } from "../../../model/advisory.ts";
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
  /** `less than 0:1-1`. */
  readonly tests: readonly string[];
}

function oval(...definitions: readonly Said[]): string {
  const said = definitions.map(({ tests, ...definition }, index) => ({
    ...definition,
    tests: tests.map((test, place) => ({ id: `${index}.${place}`, test })),
  }));
  const metadata = said.map(
    ({ cve, patchable = "true", severity = "High", date, tests }) => `<definition id="oval:x:${cve}"><metadata>
      <reference source="CVE" ref_id="${cve}"/><patchable>${patchable}</patchable><severity>${severity}</severity>
      ${date ? `<advisory_date>${date}</advisory_date>` : ""}<description>${cve} in a package. Not for us.</description>
      </metadata><criteria operator="AND">${tests.map(({ id }) => `<criterion test_ref="t${id}" comment=""/>`).join("")}
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

test("a definition without a CVE or a test is a problem", async () => {
  const { items, problems } = await parse({
    "3.0": oval({ cve: "ADV-1", tests: ["less than 0:1-1"] }, { cve: "CVE-2024-1000", tests: [] }),
  });
  expect(items).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual([
    'definition "oval:x:ADV-1" of Azure Linux Vulnerability Data has no CVE or no version that it tests',
    'definition "oval:x:CVE-2024-1000" of Azure Linux Vulnerability Data has no CVE or no version that it tests',
  ]);
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
