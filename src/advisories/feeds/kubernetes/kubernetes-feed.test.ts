import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { feedServer } from "../../../../tests/setup/feed-server.ts";
import { entryLines, type ParsedPart, parsePart } from "../../../../tests/setup/parse-part.ts";
import { tar } from "../../../../tests/setup/tar.ts";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import type { FeedPart } from "../../advisory-feed.ts";
import { openFeedSource } from "../../open-feed-source.ts";
import { kubernetesFeed } from "./kubernetes-feed.ts";

const folder = temporaryFolder();
const address = "https://github.com/kubernetes-sigs/cve-feed-osv/archive/refs/heads/main.tar.gz";

function affected(name: string, ecosystem = "kubernetes"): unknown {
  const events = [{ introduced: "1.24.0" }, { fixed: "1.24.14" }];
  const severity = [{ type: "CVSS_V3", score: "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N" }];
  return { package: { ecosystem, name }, severity, ranges: [{ type: "SEMVER", events }] };
}

function record(more: object = {}): object {
  return { id: "CVE-2023-2431", modified: "2023-06-15T14:42:32Z", affected: [affected("k8s.io/kubelet")], ...more };
}

/** As GitHub packs a branch. */
function archive(records: Readonly<Record<string, unknown>>): Buffer {
  const files = Object.entries(records).map(([path, content]) => ({
    name: `cve-feed-osv-main/${path}`,
    content: typeof content === "string" ? content : JSON.stringify(content),
  }));
  return gzipSync(tar(files));
}

async function parse(records: Readonly<Record<string, unknown>>): Promise<ParsedPart> {
  const path = join(folder, "main.tar.gz");
  writeFileSync(path, archive(records));
  return parsePart(kubernetesFeed, { name: "all", files: [path] });
}

test("a record is kept under the schema's name of the ecosystem; what else the repository holds is passed over", async () => {
  const { advisories, problems } = await parse({
    "vulns/CVE-2023-2431.json": record(),
    "collector/testdata/expected-vulndb.json": [record()],
    "vulns/README.md": "k8s",
    "last_updated.json": { "k8s-vulndb": "2023-09-22T00:01:46Z" },
  });
  expect(problems).toEqual([]);
  expect(advisories.map(({ id }) => id)).toEqual(["CVE-2023-2431"]);
  expect(entryLines(advisories[0])).toEqual(["Kubernetes k8s.io/kubelet [1.24.0, 1.24.14)"]);
  expect(advisories[0]?.affected?.[0]?.severity?.[0]?.type).toBe("CVSS_V3");
});

test("what is not of Kubernetes or no record is left out, and told", async () => {
  const { advisories, problems } = await parse({
    "vulns/CVE-1.json": "{",
    "vulns/CVE-2.json": record({ affected: [affected("x", "npm"), affected("k8s.io/apiserver")] }),
    "vulns/CVE-3.json": record({ affected: [] }),
  });
  expect(advisories.flatMap(entryLines)).toEqual(["Kubernetes k8s.io/apiserver [1.24.0, 1.24.14)"]);
  expect(problems.map(({ message }) => message.replace(/^cve-feed-osv-main\/vulns\//, ""))).toEqual([
    "CVE-1.json is not a valid OSV record: the record is not an object",
    "CVE-2.json lists packages that are not Kubernetes components",
    "CVE-3.json lists no Kubernetes component",
  ]);
});

test("a record that cannot be read leaves the one that was there", async () => {
  const { items } = await parse({
    "vulns/CVE-2023-1111.json": record({ modified: "yesterday" }),
    "vulns/CVE-2023-2222.json": record({ affected: [affected("x", "npm")] }),
    "vulns/CVE-2023-2431.json": record(),
    "vulns/CVE-2023-3333.json": " ".repeat(5 * 1024 * 1024),
    "vulns/no id.json": "{",
  });
  expect(items.map((item) => (item.kind === "unreadable" ? item.id : item.kind))).toEqual([
    "advisory",
    "CVE-2023-3333",
    "CVE-2023-1111",
    "CVE-2023-2222",
  ]);
});

test("an archive without a record is not a feed, so that an update keeps what was there", async () => {
  await expect(parse({ "README.md": "moved" })).rejects.toMatchObject({ code: "feed-malformed" });
});

test("a server is asked whether anything changed", async () => {
  const server = await feedServer({ [address]: archive({ "vulns/CVE-2023-2431.json": record() }) });
  const { signal } = new AbortController();
  const source = openFeedSource({ base: kubernetesFeed.address, from: server.address, workFolder: folder, signal });
  const fetch = async (previous?: FeedPart): Promise<FeedPart[]> => {
    const parts: FeedPart[] = [];
    const options = { signal, previous: () => previous?.position };
    for await (const part of kubernetesFeed.fetch(source, options)) parts.push(part);
    return parts;
  };
  const [first] = await fetch();
  expect(first?.state).toBe("whole");
  expect((await fetch(first)).map(({ state }) => state)).toEqual(["unchanged"]);
  server.put(address, archive({ "vulns/CVE-2023-2431.json": record({ summary: "A hole" }) }));
  expect((await fetch(first)).map(({ state }) => state)).toEqual(["whole"]);
  expect(server.requests.map(({ status }) => status)).toEqual([200, 304, 200]);
});
