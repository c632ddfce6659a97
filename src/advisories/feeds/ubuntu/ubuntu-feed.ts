import type { Advisory } from "../../../model/findings/advisory.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/objects/json-object.ts";
import type { Context } from "../../../model/plugin.ts";
import type { AdvisoryFeed, FeedPart, FetchOptions } from "../../advisory-feed.ts";
import type { FeedItem } from "../../feed-item.ts";
import type { FeedSource } from "../../feed-source.ts";
import { fetchTogether, type TogetherFile } from "../../fetch-together.ts";
import { type ArchivedFile, readFeedArchive } from "../../read-feed-archive.ts";
import { feedMalformed } from "../../read-feed-file.ts";
import { standingIn } from "../../standing-in.ts";
import { readOsvRecord } from "../osv/osv-record.ts";
import { DistroNames } from "./ubuntu-ecosystems.ts";
import { isRejected, learnDistros, ubuntuItems } from "./ubuntu-items.ts";
import { isSilentVexDocument, readVexDocument } from "./vex-document.ts";
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
  revision: 6,
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
  if (osv === undefined) throw feedMalformed(osvTitle, "it was not downloaded");
  if (vex === undefined) {
    const message = `${vexTitle} was not found; affected packages that only it lists are missing`;
    context.problem({ code: "unreadable", message });
  }
  const { ledger, unreadable } = await readLedger(vex, context);
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
    const page = ledger.page(cve);
    const isUnread = unreadable.has(cve) && !isRejected({ record, page });
    const items = ubuntuItems({ cve, record, page, distros, isInPart: isUnread });
    yield* isUnread ? standingIn({ prefix: "UBUNTU", vulnerability: cve, isRenewed: true }, items) : items;
  }
  if (done.size === 0) throw feedMalformed(osvTitle, "it contains no CVE records");
  for (const cve of new Set([...ledger.cves(), ...refused, ...unreadable])) {
    if (done.has(cve)) continue;
    const isInPart = unreadable.has(cve);
    const items = ubuntuItems({ cve, page: ledger.page(cve), distros, isInPart });
    const isUnread = refused.has(cve) || isInPart;
    yield* isUnread ? standingIn({ prefix: "UBUNTU", vulnerability: cve }, items) : items;
  }
}

/** `CVE-2024-1111` of `osv/cve/2024/UBUNTU-CVE-2024-1111.json` and of `vex/cve/2024/CVE-2024-1111.json`. */
function cveOfPath(path: string): string {
  return path.replace(/^.*\/(?:UBUNTU-)?|\.json$/g, "");
}

interface ReadDocuments {
  readonly ledger: VexLedger;
  /** The CVEs of documents that cannot be read, or not all of them. */
  readonly unreadable: ReadonlySet<string>;
}

/** An archive that is not there has no documents. */
async function readLedger(archive: string | undefined, context: Context): Promise<ReadDocuments> {
  const ledger = new VexLedger();
  const unreadable = new Set<string>();
  if (archive === undefined) return { ledger, unreadable };
  const refused = (path: string): void => void unreadable.add(cveOfPath(path));
  const unknown = new PassedOver("with an unknown status");
  const unread = new PassedOver("that cannot be read");
  const wanted = (path: string): boolean => /(?:^|\/)cve\/\d{4}\/CVE-[\d-]+\.json$/.test(path);
  const options = { title: vexTitle, wanted, maxFile, context, refused };
  for await (const { path, bytes } of readFeedArchive(archive, options)) {
    const document = readVexDocument(bytes);
    if (!document && isSilentVexDocument(bytes)) continue;
    if (document) ledger.add(document);
    else context.problem({ code: "unreadable", message: `${path} is not an OpenVEX document about a CVE`, path });
    const { unknownStatuses = 0, unreadStatements = 0 } = document ?? {};
    unknown.add(unknownStatuses, path);
    unread.add(unreadStatements, path);
    if (!document || unknownStatuses + unreadStatements > 0) refused(path);
  }
  unknown.tell(context);
  unread.tell(context);
  return { ledger, unreadable };
}

/** Statements of OpenVEX documents that do not count, for one problem. */
class PassedOver {
  readonly #what: string;
  #count = 0;
  #first = "";

  constructor(what: string) {
    this.#what = what;
  }

  add(count: number, path: string): void {
    if (this.#count === 0) this.#first = path;
    this.#count += count;
  }

  tell({ problem }: Context): void {
    if (this.#count === 0) return;
    const message = `statements in ${vexTitle} ${this.#what}: ${this.#count} (first in ${this.#first})`;
    problem({ code: "unreadable", message, path: this.#first });
  }
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
    if (leftOut) problem({ code: "unreadable", message: `${path} was only partly read: ${leftOut.join(", ")}`, path });
    return { advisory: reading.advisory, raw };
  }
  const reason = "refused" in reading ? reading.refused : "its id is not an Ubuntu CVE id";
  problem({ code: "unreadable", message: `${path} is not a valid CVE record: ${reason}`, path });
  return undefined;
}
