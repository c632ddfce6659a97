import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Position } from "../../../src/advisories/feed-source.ts";
import { redHatFeed } from "../../../src/advisories/feeds/red-hat/red-hat-feed.ts";
import { openFeedSource } from "../../../src/advisories/open-feed-source.ts";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";
import { type FeedServer, feedServer } from "../../setup/feed-server.ts";
import { tar } from "../../setup/tar.ts";
import { temporaryFolder } from "../../setup/temporary-folder.ts";

describeWithCorpus("Red Hat's server", () => {
  const folder = temporaryFolder();

  test("as claircore rebuilds it gives an archive, changed documents and deletions", async () => {
    const server = await feedServer();
    for (const [name, content] of txtar("feeds/claircore/rhel-vex/server.txtar.gz")) {
      server.put(`${redHatFeed.address}${name.replace(/^\/| .*$/g, "")}`, content);
    }
    const archive = "csaf_vex_2023-10-31.tar.zst";
    server.put(`${redHatFeed.address}${archive}`, corpusBytes("feeds/claircore/rhel-vex/server", archive));
    const { told, problems } = await update(server, folder);
    // CVE-2023-0030 is listed as changed and its document is not served, so that of the archive counts.
    expect(told).toEqual([
      "whole",
      "statements on CVE-2023-0044",
      "REDHAT-CVE-2023-0118",
      "statements on CVE-2023-0118",
      "REDHAT-CVE-2023-0051",
      "statements on CVE-2023-0051",
      "REDHAT-CVE-2023-0049",
      "REDHAT-CVE-2023-0045",
      "statements on CVE-2023-0045",
      "statements on CVE-2023-0030",
    ]);
    expect(problems).toEqual([]);
  });

  // Its documents say nothing of any product, as none of Red Hat's own does: that is told, and what was there before
  // stays. What a deleted document said goes.
  test.each([
    [
      "an archive, a changed and a deleted document",
      {
        files: "first_run.txtar",
        expected: ["whole", "unreadable REDHAT-CVE-2024-0001", "unreadable CVE-2024-0001"],
        problems: ["2024/cve-2024-0001.json from Red Hat does not mention any product"],
      },
    ],
    [
      "later a changed document",
      {
        files: "delta_changes.txtar",
        since: "2025-12-09",
        expected: ["changes", "unreadable REDHAT-CVE-2024-0002", "unreadable CVE-2024-0002"],
        problems: ["2024/cve-2024-0002.json from Red Hat does not mention any product"],
      },
    ],
    [
      "later a deleted document",
      {
        files: "delta_deletions.txtar",
        since: "2025-12-09",
        expected: ["changes", "removed REDHAT-CVE-2024-0001", "removed CVE-2024-0001"],
        problems: [],
      },
    ],
  ])("as vuln-list-update rebuilds it gives %s", async (_name, { files, since, expected, problems }: ServerCase) => {
    const server = await vulnListServer("archive.txtar");
    for (const [name, content] of txtar(`${vulnList}/${files}`)) server.put(`${redHatFeed.address}${name}`, content);
    const position = since === undefined ? undefined : { changed: String(Date.parse(since)) };
    expect(await update(server, folder, position)).toEqual({ told: expected, problems });
  });

  test("an archive whose document lacks what every document has is refused", async () => {
    const server = await vulnListServer("invalid.txtar");
    server.put(`${redHatFeed.address}archive_latest.txt`, archiveName);
    await expect(update(server, folder)).rejects.toMatchObject({ code: "feed-malformed" });
  });
});

interface ServerCase {
  readonly files: string;
  /** The day of the newest document at the update before. */
  readonly since?: string;
  readonly expected: readonly string[];
  readonly problems: readonly string[];
}

const vulnList = "feeds/vuln-list-update/redhat-csaf";
const archiveName = "csaf_vex_2025-12-06.tar.zst";

async function vulnListServer(archive: string): Promise<FeedServer> {
  const members = [...txtar(`${vulnList}/${archive}`)].map(([name, content]) => ({ name, content }));
  const server = await feedServer();
  server.put(`${redHatFeed.address}${archiveName}`, zstdCompressSync(tar(members)));
  return server;
}

/** What an update brings: ids of advisories and of CVEs that statements are about, and what is removed. */
async function update(
  server: FeedServer,
  folder: string,
  previous?: Position,
): Promise<{ told: string[]; problems: string[] }> {
  const { signal } = new AbortController();
  const source = openFeedSource({
    base: redHatFeed.address,
    from: server.address,
    workFolder: folder,
    signal,
    retryDelay: 1,
  });
  const told = new Set<string>();
  const problems: string[] = [];
  for await (const part of redHatFeed.fetch(source, { signal, previous: () => previous })) {
    told.add(part.state);
    const context = { signal, problem: ({ message }: { message: string }) => void problems.push(message) };
    for await (const item of redHatFeed.parse(part, context)) {
      if (item.kind === "advisory") told.add(item.advisory.id);
      else if (item.kind === "statement") told.add(`statements on ${item.statement.vulnerability.name}`);
      else if (item.kind === "removed" || item.kind === "unreadable") told.add(`${item.kind} ${item.id}`);
    }
  }
  return { told: [...told], problems };
}

/** The files of a txtar archive: each after a line `-- NAME --`. */
function* txtar(path: string): Generator<[name: string, content: string]> {
  const parts = corpusBytes(path)
    .toString("utf8")
    .split(/^-- (.+) --\n/m);
  for (let index = 1; index < parts.length; index += 2) yield [parts[index] ?? "", parts[index + 1] ?? ""];
}
