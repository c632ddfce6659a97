import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { feedItems } from "../../tests/setup/feed-items.ts";
import { feedServer } from "../../tests/setup/feed-server.ts";
import { temporaryFolder } from "../../tests/setup/temporary-folder.ts";
import type { AdvisoryFeed, FeedPart } from "./advisory-feed.ts";
import type { Position } from "./feed-source.ts";
import { endOfLifeFeed } from "./feeds/end-of-life/end-of-life-feed.ts";
import { epssFeed } from "./feeds/epss/epss-feed.ts";
import { exploitDbFeed } from "./feeds/exploit-db/exploit-db-feed.ts";
import { kevFeed } from "./feeds/kev/kev-feed.ts";
import { redHatRepositoriesFeed } from "./feeds/red-hat-repositories/red-hat-repositories-feed.ts";
import { openFeedSource } from "./open-feed-source.ts";

const workFolder = temporaryFolder();
const { signal } = new AbortController();

const kev = '{"vulnerabilities":[{"cveID":"CVE-2021-44228","dateAdded":"2021-12-10"}]}';
const scores = gzipSync(
  "#model_version:v1,score_date:2024-01-02T00:00:00Z\ncve,epss,percentile\nCVE-1999-0001,0.5,0.9\n",
);
const products = '{"result":[{"name":"debian","releases":[{"name":"12","isEol":false}]}]}';
const exploits = "id,file,codes\n7,x,CVE-1999-0001\n";
const repositories = '{"data":{"a":{"cpes":["cpe:/o:redhat:enterprise_linux:9"]}}}';

async function fetchOne(feed: AdvisoryFeed, from: string, previous?: Position): Promise<FeedPart> {
  const source = openFeedSource({ base: feed.address, from, workFolder, signal, retryDelay: 1 });
  const parts: FeedPart[] = [];
  for await (const part of feed.fetch(source, { signal, previous: () => previous })) parts.push(part);
  const [part] = parts;
  if (!part || parts.length > 1) throw new Error(`${parts.length} parts`);
  return part;
}

async function countItems(feed: AdvisoryFeed, part: FeedPart): Promise<number> {
  let count = 0;
  for await (const _ of feed.parse(part, { signal, problem: () => {} })) count++;
  return count;
}

const feeds: [string, AdvisoryFeed, string, string | Uint8Array][] = [
  ["KEV", kevFeed, "known_exploited_vulnerabilities.json", kev],
  ["EPSS", epssFeed, "epss_scores-current.csv.gz", scores],
  ["endoflife.date", endOfLifeFeed, "products/full", products],
  ["Exploit-DB", exploitDbFeed, "files_exploits.csv", exploits],
  ["Red Hat's repositories", redHatRepositoriesFeed, "repository-to-cpe.json", repositories],
];

test.each(feeds)(
  "%s is fetched once, then when it changed, and resumed when it broke off",
  async (_, feed, file, content) => {
    const address = feed.address + file;
    const server = await feedServer({ [address]: content });
    server.fault(address, { kind: "cut", after: 30 }, 1);
    const first = await fetchOne(feed, server.address);
    expect(server.requests.map(({ status }) => status)).toEqual([200, 206]);
    expect(first.state).toBe("whole");
    expect(readFileSync(first.files[0] ?? "").equals(Buffer.from(content))).toBe(true);
    expect(await countItems(feed, first)).toBe(1);

    const { name, position } = first;
    expect(await fetchOne(feed, server.address, position)).toEqual({ name, state: "unchanged", files: [], position });
    expect(server.requests.at(-1)?.status).toBe(304);

    server.put(address, `${Buffer.from(content).toString("latin1")} `);
    const changed = await fetchOne(feed, server.address, position);
    expect(changed.state).toBe("whole");
    expect(changed.position).not.toEqual(position);

    server.remove(address);
    await expect(fetchOne(feed, server.address, position)).rejects.toMatchObject({ code: "feed-unreachable" });
    server.fault(address, { kind: "html" });
    await expect(fetchOne(feed, server.address, position)).rejects.toMatchObject({ code: "feed-malformed" });
  },
);

test.each(feeds)(
  "%s that is damaged is feed-malformed or gives whole items, wherever it is cut off",
  async (_, feed, __, content) => {
    const bytes = Buffer.from(content);
    const whole = (await feedItems(feed, workFolder, { contents: [bytes] })).items;
    for (let length = 0; length < bytes.length; length++) {
      try {
        const { items } = await feedItems(feed, workFolder, { contents: [bytes.subarray(0, length)] });
        expect(items.length).toBeLessThanOrEqual(whole.length);
      } catch (error) {
        expect(error).toMatchObject({
          code: "feed-malformed",
          hint: expect.stringMatching(/^(?:Try again later|The publisher|It is not read)/),
        });
      }
    }
  },
);
