import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { fetchParts, packageFacts, parseFiles } from "../../../../tests/setup/package-facts.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { chainguardFeed } from "../chainguard/chainguard-feed.ts";
import { wolfiFeed } from "../wolfi/wolfi-feed.ts";

const workFolder = temporaryFolder();

/** Made up: the publisher's own data must not be passed on. */
const security = JSON.stringify({
  reponame: "os",
  packages: [
    { pkg: { name: "a", secfixes: { "0": ["CVE-2022-1111"], "1.2-r3": ["CVE-2022-2222", "GHSA-4374-p667-p6c8"] } } },
  ],
});

test.each([
  [wolfiFeed, "Wolfi", "WOLFI", "https://packages.wolfi.dev/os/security.json"],
  [chainguardFeed, "Chainguard", "CHAINGUARD", "https://packages.cgr.dev/chainguard/security.json"],
])("%o is one file without branches that is not to be passed on", async (feed, ecosystem, prefix, address) => {
  const server = await feedServer({ [address]: security });
  const from = server.address;
  const [part] = await fetchParts(feed, { from, workFolder });
  const { items, problems } = await parseFiles(feed, part?.files ?? []);
  expect(problems).toEqual([]);
  expect(packageFacts(items)).toEqual([
    { id: "CVE-2022-2222", ecosystem, name: "a", state: "fixed 1.2-r3" },
    { id: "GHSA-4374-p667-p6c8", ecosystem, name: "a", state: "fixed 1.2-r3" },
    { id: "CVE-2022-1111", ecosystem, name: "a", state: "not affected" },
  ]);
  expect(items[0]).toMatchObject({ advisory: { id: `${prefix}-CVE-2022-2222` } });
  expect(feed.redistributable).toBe(false);

  const [again] = await fetchParts(feed, { from, workFolder, previous: part?.position });
  expect(again?.state).toBe("unchanged");
});
