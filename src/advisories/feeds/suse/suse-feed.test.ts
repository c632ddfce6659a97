import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
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

test("the archive comes first, then what the listing names as newer", async () => {
  const server = await feedServer({
    [`${base}csaf-vex.tar.bz2`]: archive,
    [`${base}csaf-vex/changes.csv`]: '"cve-2024-0001.json","2024-05-06T07:08:09Z"\n',
  });
  async function update(previous?: Position): Promise<{ part: FeedPart; items: FeedItem[] }> {
    const source = openFeedSource({ base, from: server.address, workFolder: folder, signal, retryDelay: 1 });
    const items: FeedItem[] = [];
    for await (const part of suseFeed.fetch(source, { signal, previous: () => previous })) {
      const problem = ({ message }: { message: string }): never => {
        throw new Error(message);
      };
      for await (const item of suseFeed.parse(part, { signal, problem })) items.push(item);
      return { part, items };
    }
    throw new Error("no part");
  }
  const first = await update();
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
  expect((await update(first.part.position)).part.state).toBe("unchanged");

  server.put(
    `${base}csaf-vex/changes.csv`,
    '"cve-2024-0002.json","2024-06-01T00:00:00Z"\n"cve-2024-0001.json","2024-05-06T07:08:09Z"\n',
  );
  server.put(`${base}csaf-vex/cve-2024-0001.json`, JSON.stringify(exampleDocument({ cve: "CVE-2024-0001" })));
  const components = { "SUSE Linux Enterprise Server 15 SP5": null };
  const second = exampleDocument({
    cve: "CVE-2024-0002",
    platforms: components,
    components: { other: null },
    status: { known_affected: ["SUSE Linux Enterprise Server 15 SP5 > other"] },
  });
  server.put(`${base}csaf-vex/cve-2024-0002.json`, JSON.stringify(second));
  const later = await update(first.part.position);
  expect(later.part.state).toBe("changes");
  const told = later.items.map((item) =>
    item.kind === "advisory" ? item.advisory.id : item.kind === "removed" ? `- ${item.id}` : "",
  );
  expect(told).toEqual(["- SUSE-CVE-2024-0001", "- CVE-2024-0001", "SUSE-CVE-2024-0002"]);
});
