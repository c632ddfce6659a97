import type { Advisory, Affected } from "../../../model/findings/advisory.ts";
import { parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import { fetchSingleFile } from "../../fetch-single-file.ts";
import { type ArchivedFile, readFeedArchive } from "../../read-feed-archive.ts";
import { feedMalformed } from "../../read-feed-file.ts";
import { isOsvId, readOsvRecord } from "../osv/osv-record.ts";

// The archive of a branch, as GitHub packs it: cve-feed-osv-main/vulns/CVE-….json, one OSV record each. The ecosystem
// is written `kubernetes` there, `Kubernetes` in the OSV schema. A name is the Go module of a part of Kubernetes or of
// a project around it (k8s.io/kubelet, k8s.io/ingress-nginx), the versions are those of the release that the part comes
// with, not of the Go module.

const ecosystem = "Kubernetes";
const title = "the archive of the Kubernetes CVE feed";
const maxBytes: number = 256 * 1024 * 1024;
const maxFile: number = 4 * 1024 * 1024;

/**
 * What the Kubernetes project says of vulnerabilities in the parts of a cluster: its official CVE feed in OSV form.
 *
 * Source: github.com/kubernetes-sigs/cve-feed-osv; OSV schema, "Kubernetes" among the ecosystems and databases.
 */
export const kubernetesFeed: AdvisoryFeed = {
  id: "kubernetes",
  revision: 2,
  title: "Kubernetes Official CVE Feed",
  ecosystems: [ecosystem],
  address: "https://github.com/kubernetes-sigs/cve-feed-osv/",
  licence: "Apache-2.0",
  redistributable: true,
  fetch: (source, options) =>
    fetchSingleFile(source, options, { name: "all", address: "archive/refs/heads/main.tar.gz", maxBytes }),
  parse,
};

async function* parse({ files }: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  const wanted = (path: string): boolean => /(?:^|\/)vulns\/[^/]+\.json$/.test(path);
  const unreadable = new Set<string>();
  const refused = (path: string): void => void unreadable.add(idOfPath(path));
  let found = false;
  for (const file of files) {
    for await (const archived of readFeedArchive(file, { title, wanted, maxFile, context, refused })) {
      const advisory = readRecord(archived, context);
      if (advisory) {
        found = true;
        yield { kind: "advisory", advisory };
      } else refused(archived.path);
    }
  }
  if (!found) throw feedMalformed(title, "it contains no vulnerability records");
  for (const id of unreadable) if (isOsvId(id)) yield { kind: "unreadable", id };
}

/** `CVE-2023-2431` of `cve-feed-osv-main/vulns/CVE-2023-2431.json`. */
function idOfPath(path: string): string {
  return path.replace(/^.*\/|\.json$/g, "");
}

function readRecord({ path, bytes }: ArchivedFile, { problem }: Context): Advisory | undefined {
  const reading = readOsvRecord(parseJson(bytes.toString("utf8")));
  if ("refused" in reading) {
    problem({ code: "unreadable", message: `${path} is not a valid OSV record: ${reading.refused}`, path });
    return undefined;
  }
  const { advisory, leftOut } = reading;
  if (leftOut) problem({ code: "unreadable", message: `${path} was only partly read: ${leftOut.join(", ")}`, path });
  const all = advisory.affected ?? [];
  const affected = all.flatMap(entryOf);
  if (affected.length === 0) problem({ code: "unreadable", message: `${path} lists no Kubernetes component`, path });
  else if (affected.length < all.length) {
    problem({ code: "unreadable", message: `${path} lists packages that are not Kubernetes components`, path });
  }
  return affected.length === 0 ? undefined : { ...advisory, affected };
}

function entryOf(entry: Affected): Affected[] {
  const named = entry.package;
  return named?.ecosystem.toLowerCase() === ecosystem.toLowerCase()
    ? [{ ...entry, package: { ecosystem, name: named.name } }]
    : [];
}
