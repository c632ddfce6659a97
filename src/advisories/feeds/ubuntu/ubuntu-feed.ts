import type { Advisory } from "../../../model/advisory.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { type ArchivedFile, readFeedArchive } from "../../read-feed-archive.ts";
import { feedMalformed } from "../../read-feed-file.ts";
import { readOsvRecord } from "../osv/osv-record.ts";
import { DistroNames } from "./ubuntu-ecosystems.ts";
import { learnDistros, ubuntuItems } from "./ubuntu-items.ts";
import { readVexDocument } from "./vex-document.ts";
import { VexLedger } from "./vex-ledger.ts";

const largestArchive: number = 1024 * 1024 * 1024;
const maxFile: number = 256 * 1024 * 1024;

const archives: readonly TogetherFile[] = [
  { address: "osv/osv-all.tar.xz", maxBytes: largestArchive },
  { address: "vex/vex-all.tar.xz", maxBytes: largestArchive, optional: true },
];

/**
 * What Ubuntu's security team says of every CVE: the fixes and open issues from its OSV records, plans and what is not
 * affected from its OpenVEX documents. Notices (USN) and live patches are left out: they repeat fixes that the records
 * of the CVEs have.
 *
 * Source: security-metadata.canonical.com, `osv/osv-all.tar.xz` (`osv/cve/YEAR/UBUNTU-CVE-….json`) and
 * `vex/vex-all.tar.xz` (`vex/cve/YEAR/CVE-….json`); Ubuntu Security, "Ubuntu OSV data".
 */
export const ubuntuFeed: AdvisoryFeed = {
  id: "ubuntu",
  revision: 2,
  title: "Ubuntu Security",
  ecosystems: ["Ubuntu"],
  address: "https://security-metadata.canonical.com/",
  licence: "CC-BY-SA-4.0",
  redistributable: true,
  async *fetch(source: FeedSource, { previous }: FetchOptions): AsyncGenerator<FeedPart> {
    yield await fetchTogether(source, { part: "all", previous: previous("all"), files: () => archives });
  },
  parse,
};

const osvTitle = "Ubuntu's OSV archive";
const vexTitle = "Ubuntu's OpenVEX archive";

async function* parse({ files: [osv, vex] }: FeedPart, context: Context): AsyncGenerator<FeedItem> {
  if (osv === undefined) throw feedMalformed(osvTitle, "it was not brought");
  if (vex === undefined) {
    const message = `${vexTitle} is not there: what it alone calls affected is missing`;
    context.problem({ code: "unreadable", message });
  }
  const ledger = vex === undefined ? new VexLedger() : await readLedger(vex, context);
  const distros = new DistroNames();
  const done = new Set<string>();
  const refused = new Set<string>();
  const wanted = (path: string): boolean => /(?:^|\/)cve\/\d{4}\/UBUNTU-CVE-[\d-]+\.json$/.test(path);
  const leaveOut = (path: string): void => void refused.add(cveOfPath(path));
  for await (const file of readFeedArchive(osv, { title: osvTitle, wanted, maxFile, context, refused: leaveOut })) {
    const record = readRecord(file, context);
    if (!record) leaveOut(file.path);
    const cve = record?.advisory.id.replace(/^UBUNTU-/, "");
    if (!record || cve === undefined || done.has(cve)) continue;
    done.add(cve);
    learnDistros(record.raw, distros);
    yield* ubuntuItems({ cve, record, page: ledger.page(cve), distros });
  }
  if (done.size === 0) throw feedMalformed(osvTitle, "it holds no record of a CVE");
  for (const cve of new Set([...ledger.cves(), ...refused])) {
    if (done.has(cve)) continue;
    const items = ubuntuItems({ cve, page: ledger.page(cve), distros });
    yield* refused.has(cve) ? standingIn(cve, items) : items;
  }
}

/** `CVE-2024-1111` of `osv/cve/2024/UBUNTU-CVE-2024-1111.json`. */
function cveOfPath(path: string): string {
  return path.replace(/^.*\/UBUNTU-|\.json$/g, "");
}

/**
 * What OpenVEX says of a CVE whose OSV record cannot be read lacks the fixes, so what is known of them comes before it.
 */
function* standingIn(cve: string, items: Iterable<FeedItem>): Generator<FeedItem> {
  let standIn: Advisory | undefined;
  for (const item of items) {
    if (item.kind === "advisory") standIn = item.advisory;
    else yield item;
  }
  yield { kind: "unreadable", id: `UBUNTU-${cve}`, ...(standIn && { standIn }) };
}

async function readLedger(archive: string, context: Context): Promise<VexLedger> {
  const ledger = new VexLedger();
  let unknown = 0;
  let first: string | undefined;
  const wanted = (path: string): boolean => /(?:^|\/)cve\/\d{4}\/CVE-[\d-]+\.json$/.test(path);
  const options = { title: vexTitle, wanted, maxFile, context };
  for await (const { path, bytes } of readFeedArchive(archive, options)) {
    const document = readVexDocument(bytes);
    if (document) ledger.add(document);
    else context.problem({ code: "unreadable", message: `${path} is no OpenVEX document about a CVE`, path });
    if (!document?.unknownStatuses) continue;
    unknown += document.unknownStatuses;
    first ??= path;
  }
  if (first !== undefined) {
    const message = `statements of ${vexTitle} with a status that is not known: ${unknown}, the first in ${first}`;
    context.problem({ code: "unreadable", message, path: first });
  }
  return ledger;
}

interface UbuntuRecord {
  readonly advisory: Advisory;
  readonly raw: JsonObject;
}

function readRecord({ path, bytes }: ArchivedFile, { problem }: Context): UbuntuRecord | undefined {
  const raw = parseJson(bytes.toString("utf8"));
  const reading = readOsvRecord(raw);
  if ("advisory" in reading && isJsonObject(raw) && /^UBUNTU-CVE-\d{4}-\d{4,19}$/.test(reading.advisory.id)) {
    const { leftOut } = reading;
    if (leftOut) problem({ code: "unreadable", message: `${path} was read in part: ${leftOut.join(", ")}`, path });
    return { advisory: reading.advisory, raw };
  }
  const reason = "refused" in reading ? reading.refused : "its id is no CVE of Ubuntu's";
  problem({ code: "unreadable", message: `${path} is not a record of a CVE: ${reason}`, path });
  return undefined;
}
