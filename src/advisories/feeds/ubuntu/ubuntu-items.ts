import {
  type Advisory,
  type Affected,
  type AffectedExtension,
  affectedExtension,
  extensionKey,
} from "../../../model/findings/advisory.ts";
import { unknownTime } from "../../../model/findings/known-time.ts";
import type { VexStatement } from "../../../model/findings/vex.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import type { FeedItem } from "../../feed-item.ts";
import { isPackageName } from "./source-package-url.ts";
import { type DistroNames, proEcosystem, ubuntuArchive } from "./ubuntu-ecosystems.ts";
import type { LedgerPage } from "./vex-ledger.ts";
import type { PackageVerdict } from "./vex-verdict.ts";

// OSV's records give the versions with fixes, and nothing but "all versions" where there is none; what the security
// team plans, and what is not affected, is in the OpenVEX documents. The two are joined by CVE, source package and
// archive:
//
//   - an entry of OSV without a fix gets status and reason from OpenVEX;
//   - what OpenVEX alone calls affected becomes an entry without a fix;
//   - a package with an entry for Ubuntu Pro and none for the release itself, of which OpenVEX says nothing either, is
//     affected there too and stays so: OSV leaves out what is only fixed in Pro, and Pro builds the same source;
//   - "not affected" becomes a statement. A statement about Ubuntu Pro counts for the release itself where that has no
//     statement of its own or is only called out of support, unless Pro has a fix: where there is one, in Pro or in the
//     release on which Pro builds, the statement may be about the fixed version;
//   - where OSV has a fix in the archive of which OpenVEX says "not affected", the fix counts, as it does with other
//     publishers. Both are made from the page of the CVE in Ubuntu's tracker, where a package has one status in an
//     archive. They differ when they are of different days, or because two archives of Pro (esm-infra, esm-apps) are
//     one ecosystem. Whoever has the fix has no finding either way; from whoever has not, it would be hidden.
//
// Source: Ubuntu Security, "Ubuntu OSV data" and "Ubuntu VEX data".
//
// `withdrawn` says in these records that they are no longer renewed, mostly at the end of a release's life, not that
// they are wrong; so it is left out. A CVE that was rejected, which the description says, is passed over.

const author = "Canonical Ltd.";

/** Joined facts about one CVE. */
export interface UbuntuCve {
  readonly cve: string;
  /** OSV's record as it was read in, and as it was published. */
  readonly record?: { readonly advisory: Advisory; readonly raw: JsonObject } | undefined;
  readonly page?: LedgerPage | undefined;
  readonly distros: DistroNames;
  /**
   * True when statements of the page were lost: one of them may have outweighed a "not affected", which then counts
   * only where it was said, and not where OSV has an entry.
   */
  readonly isInPart?: boolean;
}

/**
 * The items about one CVE: a record unless nothing is affected, then statements by archive and package. When the page
 * is read in part, an OSV record in which nothing is affected gives a record all the same.
 */
export function* ubuntuItems({ cve, record, page, distros, isInPart = false }: UbuntuCve): Generator<FeedItem> {
  if (isRejected({ record, page })) return;
  const verdicts = verdictsOf(page, distros);
  const entries = new Map<string, Affected>();
  for (const entry of record?.advisory.affected ?? []) {
    if (!entry.package || !isPackageName(entry.package.name)) continue;
    const key = keyOf(entry.package.ecosystem, entry.package.name);
    const isBetter = !entries.has(key) || (isFixed(entry) && !isFixed(entries.get(key)));
    if (ubuntuArchive(entry.package.ecosystem) && isBetter) entries.set(key, entryOf(entry, verdicts.get(key)));
  }
  for (const [key, verdict] of verdicts) {
    if (verdict.kind === "affected" && !entries.has(key)) entries.set(key, openEntry(key, verdict));
  }
  const clear = isInPart ? plainClearances(verdicts, entries) : clearances(verdicts, entries);
  addBaseEntries(entries, { verdicts, clear });
  const affected = [...entries].sort(byKey).map(([, entry]) => entry);
  const isRecord = affected.length > 0 || (isInPart && record !== undefined);
  if (isRecord) yield { kind: "advisory", advisory: advisoryOf({ cve, record, page, affected }) };
  for (const [key, verdict] of [...clear].sort(byKey)) {
    const [ecosystem, name] = partsOf(key);
    yield { kind: "statement", ecosystem, name, statement: statementOf(cve, verdict) };
  }
}

/** Whether the CVE was rejected, by its description. */
export function isRejected({ record, page }: Pick<UbuntuCve, "record" | "page">): boolean {
  const description = record?.advisory.details ?? page?.description ?? "";
  return /^\s*(?:\*\* REJECT(?:ED)? \*\*|Rejected reason:)/i.test(description);
}

/** Takes down which archives a record names in both ways. */
export function learnDistros(raw: JsonObject, distros: DistroNames): void {
  for (const entry of Array.isArray(raw["affected"]) ? raw["affected"] : []) {
    const target = isJsonObject(entry) ? entry["package"] : undefined;
    if (!isJsonObject(target)) continue;
    const { ecosystem, purl } = target as { readonly ecosystem?: unknown; readonly purl?: unknown };
    const distro =
      typeof purl === "string" ? /[?&]distro=([a-z0-9/.-]{1,60})$/.exec(purl.slice(0, 1000))?.[1] : undefined;
    if (distro !== undefined && typeof ecosystem === "string" && ubuntuArchive(ecosystem))
      distros.learn(distro, ecosystem);
  }
}

type NotAffected = Extract<PackageVerdict, { kind: "not-affected" }>;

/** By ecosystem and name. Where two archives of an ecosystem differ, "affected" counts. */
function verdictsOf(page: LedgerPage | undefined, distros: DistroNames): Map<string, PackageVerdict> {
  const verdicts = new Map<string, PackageVerdict>();
  for (const { distro, name, verdict } of page?.rows ?? []) {
    const ecosystem = distros.ecosystemOf(distro);
    if (ecosystem === undefined) continue;
    const key = keyOf(ecosystem, name);
    if (verdicts.get(key)?.kind !== "affected") verdicts.set(key, verdict);
  }
  return verdicts;
}

/** An entry of OSV's with the extension. The versions that it lists are those that its range covers anyway. */
function entryOf(entry: Affected, verdict: PackageVerdict | undefined): Affected {
  const { package: target, ranges, versions, severity } = entry;
  const plan = !isFixed(entry) && verdict?.kind === "affected" ? planOf(verdict) : {};
  return {
    ...(target && { package: { ecosystem: target.ecosystem, name: target.name } }),
    ...(severity && { severity }),
    ...(ranges?.length ? { ranges } : versions && { versions }),
    database_specific: specificOf(target?.ecosystem ?? "", plan),
  };
}

function openEntry(key: string, plan: Pick<AffectedExtension, "status" | "reason">): Affected {
  const [ecosystem, name] = partsOf(key);
  return {
    package: { ecosystem, name },
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }],
    database_specific: specificOf(ecosystem, planOf(plan)),
  };
}

function planOf({
  status,
  reason,
}: Pick<AffectedExtension, "status" | "reason">): Pick<AffectedExtension, "status" | "reason"> {
  return { ...(status && { status }), ...(reason !== undefined && { reason }) };
}

function specificOf(ecosystem: string, plan: Pick<AffectedExtension, "status" | "reason">): Record<string, unknown> {
  const channel = ubuntuArchive(ecosystem)?.channel;
  return { [extensionKey]: { ...plan, ...(channel && { channel }), names: "source" } };
}

function plainClearances(
  verdicts: ReadonlyMap<string, PackageVerdict>,
  entries: ReadonlyMap<string, Affected>,
): Map<string, NotAffected> {
  const plain = [...verdicts].flatMap(([key, verdict]) =>
    verdict.kind === "not-affected" && !entries.has(key) ? [[key, verdict] as const] : [],
  );
  return new Map(plain);
}

function clearances(
  verdicts: ReadonlyMap<string, PackageVerdict>,
  entries: ReadonlyMap<string, Affected>,
): Map<string, NotAffected> {
  const clear = new Map<string, NotAffected>();
  for (const [key, verdict] of verdicts) {
    if (verdict.kind !== "not-affected" || isFixed(entries.get(key))) continue;
    clear.set(key, verdict);
    const base = baseOfPro(key);
    if (base !== undefined && !clear.has(base) && !isAffected(entries.get(base))) clear.set(base, verdict);
  }
  return clear;
}

/** True for a fix too, which says that versions before it are. A release out of support is not analysed any more. */
function isAffected(entry: Affected | undefined): boolean {
  return entry !== undefined && (isFixed(entry) || affectedExtension(entry).status !== "end-of-life");
}

interface Known {
  readonly verdicts: ReadonlyMap<string, PackageVerdict>;
  readonly clear: ReadonlyMap<string, NotAffected>;
}

function addBaseEntries(entries: Map<string, Affected>, { verdicts, clear }: Known): void {
  for (const [key, entry] of [...entries]) {
    const base = baseOfPro(key);
    if (base === undefined || entries.has(base) || verdicts.has(base) || clear.has(base)) continue;
    const reason = isFixed(entry) ? "fixed only in Ubuntu Pro" : "left to Ubuntu Pro";
    entries.set(base, openEntry(base, { status: "will-not-fix", reason }));
  }
}

function isFixed(entry: Affected | undefined): boolean {
  return entry?.ranges?.some(({ events }) => events.some(({ fixed }) => fixed !== undefined)) === true;
}

/** The key of the release's own archive, for a key of Ubuntu Pro. */
function baseOfPro(key: string): string | undefined {
  const [ecosystem, name] = partsOf(key);
  const archive = ubuntuArchive(ecosystem);
  return archive && proEcosystem(archive.base) === ecosystem ? keyOf(archive.base, name) : undefined;
}

function statementOf(cve: string, { justification, note }: NotAffected): VexStatement {
  return {
    vulnerability: { name: cve },
    products: [],
    status: "not_affected",
    ...(justification && { justification }),
    ...(note !== undefined && { impact_statement: note }),
    author,
  };
}

function advisoryOf({
  cve,
  record,
  page,
  affected,
}: Omit<UbuntuCve, "distros"> & { readonly affected: readonly Affected[] }): Advisory {
  if (!record) {
    return {
      id: `UBUNTU-${cve}`,
      // The time of a record is OSV's: a document is written again at other times, and could pass for newer.
      modified: unknownTime,
      upstream: [cve],
      ...(page?.description !== undefined && { details: page.description }),
      affected,
      references: [{ type: "ADVISORY", url: `https://ubuntu.com/security/${cve}` }],
    };
  }
  const { withdrawn: _, severity = [], database_specific: __, ...advisory } = record.advisory;
  const vectors = severity.filter(({ type }) => type !== "Ubuntu");
  const distinct = [...new Map(vectors.toReversed().map((vector) => [vector.score, vector])).values()].reverse();
  const priority = severity.find(({ type }) => type === "Ubuntu")?.score;
  return {
    ...advisory,
    upstream: advisory.upstream ?? [cve],
    ...(distinct.length > 0 && { severity: distinct }),
    affected,
    ...(priority !== undefined && {
      database_specific: { [extensionKey]: { severities: [{ source: "Ubuntu", type: "word", score: priority }] } },
    }),
  };
}

function keyOf(ecosystem: string, name: string): string {
  return `${name} ${ecosystem}`;
}

function partsOf(key: string): [ecosystem: string, name: string] {
  const space = key.indexOf(" ");
  return [key.slice(space + 1), key.slice(0, space)];
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
