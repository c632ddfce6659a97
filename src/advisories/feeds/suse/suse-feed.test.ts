import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { parsePart } from "../../../../tests/setup/parse-part.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { Position } from "../../feed-source.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { exampleDocument } from "../csaf/example-document.ts";
import { suseFeed } from "./suse-feed.ts";

const folder = temporaryFolder();
const base = suseFeed.address;
const signal = new AbortController().signal;

/** A tar packed with bzip2 that holds `csaf-vex/cve-2024-0001.json`: tool-1.0-1.1 is recommended. */
const archive = Buffer.from(
  [
    "QlpoMTFBWSZTWSegM7QAAO1fgMiCUAf/8AoETxr//99KCAgwAXtGZYSiJkanqZqaJhGIGTAjCDNNIMSUfpJppo1D00CaBgTAACBJ",
    "FPU0mpp6nqPSZGnqaB+qAeRBkAf3rvjpAfsIBFG66ourpkkgYGJL8V6zrBbX+KjY9xREbAh1ZgmLduCaDkWPIwICDBalAwKRZEWY",
    "NzrSzNiw/MEfV2ct2z0Ll6qu5kTNTiN5wmqBPkrCBsdBLI1I3Y2VZoTVwiu5g74WCpsZFSRb4uCxWwlYKhbE6pTLLC1mvMF6q0zV",
    "/24drarfIg2Ix1GyA0+4zox/CbsBSw5dUf+Qc8CpI29eYsGNdKutQHCuSOAuA3IkrJpvApL0JSbWUWVWusSd9L0wbo0wnNFQVBpg",
    "5nFEQ6kkeAbWUZ6pwA9q44eYuUZgjWmsgP612cMFWEVwJCNtAJMmVkSmWmPmMsteQRVKUoaCwVzxWEgPHJAkW3EaVJD6jUl71Ond",
    "WKy3Sm7Dp5oQf4u5IpwoSBPQGdoA",
  ].join(""),
  "base64",
);

interface Updated {
  readonly part: FeedPart;
  readonly problems: readonly string[];
  readonly items: readonly FeedItem[];
}

async function update(from: string, previous?: Position): Promise<Updated> {
  const source = openFeedSource({ base, from, workFolder: folder, signal, retryDelay: 1 });
  const items: FeedItem[] = [];
  const problems: string[] = [];
  for await (const part of suseFeed.fetch(source, { signal, previous: () => previous })) {
    const problem = ({ message }: { message: string }): void => void problems.push(message);
    for await (const item of suseFeed.parse(part, { signal, problem })) items.push(item);
    return { part, items, problems };
  }
  throw new Error("no part");
}

function advisoryIds({ items }: Updated): string[] {
  return items.flatMap((item) => (item.kind === "advisory" ? [item.advisory.id] : []));
}

/** A document that calls `tool` affected. */
function documentOf(cve: string, changed: string): string {
  const product = "SUSE Linux Enterprise Server 15 SP5";
  const example = { platforms: { [product]: null }, components: { tool: null } };
  const status = { known_affected: [`${product} > tool`] };
  return JSON.stringify(exampleDocument({ cve, ...example, status, tracking: { current_release_date: changed } }));
}

/** A copy of the publisher's files in a folder: the archive of above and documents, with their times, beside it. */
function mirrorOf(name: string, times: Readonly<Record<string, string>>): string {
  const mirror = join(folder, name);
  const at = join(mirror, "ftp.suse.com", "pub", "projects", "security");
  mkdirSync(join(at, "csaf-vex"), { recursive: true });
  writeFileSync(join(at, "csaf-vex.tar.bz2"), archive);
  const listing = Object.entries(times).map(([cve, time]) => `"${cve.toLowerCase()}.json","${time}"\n`);
  writeFileSync(join(at, "csaf-vex", "changes.csv"), listing.reverse().join(""));
  for (const [cve, time] of Object.entries(times)) {
    writeFileSync(join(at, "csaf-vex", `${cve.toLowerCase()}.json`), documentOf(cve, time));
  }
  return mirror;
}

test("from a folder, which says no time of the archive, what it lacks is read beside it", async () => {
  const times = { "CVE-2024-0001": "2024-05-06T07:08:09Z", "CVE-2024-0002": "2024-01-01T00:00:00Z" };
  const first = await update(mirrorOf("lacks", times));
  expect(advisoryIds(first)).toEqual(["SUSE-CVE-2024-0002", "SUSE-CVE-2024-0001"]);
  expect(JSON.stringify(first.items.at(-1))).toContain("1.0-1.1");
  const mirror = mirrorOf("lacks", { ...times, "CVE-2024-0003": "2024-05-06T08:00:00Z" });
  expect(advisoryIds(await update(mirror, first.part.position))).toContain("SUSE-CVE-2024-0003");
});

test("from a folder a document that is newer than that of the archive counts in its place", async () => {
  const updated = await update(mirrorOf("newer", { "CVE-2024-0001": "2024-05-06T07:08:10Z" }));
  expect(advisoryIds(updated)).toEqual(["SUSE-CVE-2024-0001"]);
  expect(JSON.stringify(updated.items)).not.toContain("1.0-1.1");
});

test("a server that does not say when the archive was made is read as a folder is", async () => {
  const server = await feedServer({
    [`${base}csaf-vex/changes.csv`]: '"cve-2024-0002.json","2024-06-01T00:00:00Z"\n',
    [`${base}csaf-vex/cve-2024-0002.json`]: documentOf("CVE-2024-0002", "2024-06-01T00:00:00Z"),
  });
  server.put(`${base}csaf-vex.tar.bz2`, archive, { lastModified: null });
  expect(advisoryIds(await update(server.address))).toEqual(["SUSE-CVE-2024-0002", "SUSE-CVE-2024-0001"]);
});

test("a document that is listed and not there is told, and asked for again until it comes or is listed no more", async () => {
  const listing = '"cve-2024-0001.json","2024-05-06T07:08:09Z"\n"cve-2024-0002.json","2024-06-01T00:00:00Z"\n';
  const server = await feedServer({ [`${base}csaf-vex/changes.csv`]: listing });
  server.put(`${base}csaf-vex.tar.bz2`, archive, { lastModified: "Mon, 06 May 2024 12:00:00 GMT" });
  const first = await update(server.address);
  expect(first.problems).toEqual(["documents listed by SUSE but not found: 1 (first: cve-2024-0002.json)"]);
  expect(await update(server.address, first.part.position)).toMatchObject({
    part: { state: "unchanged", position: first.part.position },
  });

  server.put(`${base}csaf-vex/cve-2024-0002.json`, documentOf("CVE-2024-0002", "2024-06-01T00:00:00Z"));
  const second = await update(server.address, first.part.position);
  expect(second).toMatchObject({ part: { state: "changes" }, problems: [] });
  expect(advisoryIds(second)).toEqual(["SUSE-CVE-2024-0002"]);
  expect((await update(server.address, second.part.position)).part.state).toBe("unchanged");

  server.put(`${base}csaf-vex/changes.csv`, listing.split("\n")[0] ?? "");
  const third = await update(server.address, first.part.position);
  expect(third.problems).toEqual([]);
  expect(third.part.position).not.toHaveProperty("missing");
});

test("the listing may be missing from the start, but when it goes the update fails", async () => {
  const server = await feedServer({ [`${base}csaf-vex.tar.bz2`]: archive });
  expect((await update(server.address)).part.state).toBe("whole");
  server.put(`${base}csaf-vex/changes.csv`, '"cve-2024-0001.json","2024-05-06T07:08:09Z"\n');
  const { part } = await update(server.address);
  server.remove(`${base}csaf-vex/changes.csv`);
  await expect(update(server.address, part.position)).rejects.toMatchObject({
    code: "feed-unreachable",
    message: "csaf-vex/changes.csv existed at the last update but was not found now",
  });
});

test("the archive comes first, then what the listing names as newer", async () => {
  const server = await feedServer({
    [`${base}csaf-vex.tar.bz2`]: archive,
    [`${base}csaf-vex/changes.csv`]: '"cve-2024-0001.json","2024-05-06T07:08:09Z"\n',
  });
  const first = await update(server.address);
  expect(first.part.state).toBe("whole");
  expect(first.items).toMatchObject([
    {
      kind: "advisory",
      advisory: {
        id: "SUSE-CVE-2024-0001",
        affected: [
          {
            package: { ecosystem: "SUSE:Linux Enterprise Server 15 SP5", name: "tool" },
            ranges: [{ events: [{ introduced: "0" }, { fixed: "1.0-1.1" }] }],
          },
        ],
      },
    },
  ]);
  expect((await update(server.address, first.part.position)).part.state).toBe("unchanged");

  server.put(
    `${base}csaf-vex/changes.csv`,
    '"cve-2024-0002.json","2024-06-01T00:00:00Z"\n"cve-2024-0001.json","2024-05-06T07:08:09Z"\n',
  );
  const notes = [{ category: "description", text: "** REJECT ** This candidate was withdrawn." }];
  const rejected = exampleDocument({ cve: "CVE-2024-0001", vulnerability: { notes } });
  server.put(`${base}csaf-vex/cve-2024-0001.json`, JSON.stringify(rejected));
  const components = { "SUSE Linux Enterprise Server 15 SP5": null };
  const second = exampleDocument({
    cve: "CVE-2024-0002",
    platforms: components,
    components: { other: null },
    status: { known_affected: ["SUSE Linux Enterprise Server 15 SP5 > other"] },
  });
  server.put(`${base}csaf-vex/cve-2024-0002.json`, JSON.stringify(second));
  const later = await update(server.address, first.part.position);
  expect(later.part.state).toBe("changes");
  const told = later.items.map((item) =>
    item.kind === "advisory" ? item.advisory.id : item.kind === "removed" ? `- ${item.id}` : "",
  );
  expect(told).toEqual(["- SUSE-CVE-2024-0001", "- CVE-2024-0001", "SUSE-CVE-2024-0002"]);
});

test("a document that says nothing leaves what was known of its CVE, is not asked for again, and is told when it has changed", async () => {
  const empty = JSON.stringify(exampleDocument({ cve: "CVE-2024-0001" }));
  const file = join(folder, "cve-2024-0001.json");
  writeFileSync(file, empty);
  const parse = async (state: "whole" | "changes") => {
    const { items, problems } = await parsePart(suseFeed, { name: "vex", state, files: [file] });
    return { items, messages: problems.map(({ message }) => message) };
  };
  const items = ["SUSE-CVE-2024-0001", "CVE-2024-0001"].map((id) => ({ kind: "unreadable", id, again: false }));
  expect(await parse("whole")).toEqual({ items, messages: [] });
  const messages = ["cve-2024-0001.json from SUSE does not mention any product"];
  expect(await parse("changes")).toEqual({ items, messages });
});
