import type { Advisory } from "../../../model/findings/advisory.ts";
import { isCveId } from "../../../model/findings/cve-id.ts";
import type { FeedItem } from "../../feed-item.ts";
import { shortenText } from "../../shorten-text.ts";
import { CsafRatings, csafRecord } from "../csaf/advisory-record.ts";
import type { CsafDocument, CsafRemediation, CsafStatus, CsafVulnerability } from "../csaf/csaf-document.ts";
import { ByProduct, noteText, productOf, resolveProduct, saysOfProducts } from "../csaf/csaf-products.ts";
import { splitVersion } from "../csaf/fixed-events.ts";
import { PackageClaims, type PackageSubject, type Unfixed, unreadableFix } from "../csaf/package-claims.ts";
import type { Lose } from "../csaf/parse-csaf-part.ts";
import { isRpmVersion } from "../errata/rpm-version-text.ts";
import { isLivePatch, type SusePlace, suseBuild, susePlace, suseSource } from "./suse-product.ts";

// What SUSE's VEX documents say, beyond the standard:
//
//   product_status.recommended         builds that have the fix; first_fixed and fixed say the same
//   product_status.known_affected      names of binary and of source packages that have no fix. A name may stand there
//                                      although its fix stands under recommended, which then counts
//   product_status.known_not_affected  names
//   remediations no_fix_planned        will not be fixed; only a package that is known_affected too is meant
//   document.notes description         also says that the CVE id was rejected, in the words of the CVE program
//   document.references                "Advisory link for SUSE-SU-2024:0577-1"
//
// The state is kept for source packages, and the names are those of all packages built from them (SUSE, "Security Data
// considerations"). So where a build of a source package has the fix in a product, what is said of the source package
// itself, and of packages built from it whose build is not listed, is out of date.

/** SUSE's name, as reports print it. */
const suseAuthor = "SUSE";

/** The id of the advisory of a CVE. */
export function suseAdvisoryId(cve: string): string {
  return `SUSE-${cve}`;
}

/**
 * What a document says of the packages of SUSE's and openSUSE's products; nothing of a CVE that was rejected. `lose`
 * takes what cannot be read.
 */
export function* suseItems(document: CsafDocument, lose: Lose = () => {}): Generator<FeedItem> {
  for (const vulnerability of document.vulnerabilities) {
    const cve = vulnerability.cve?.toUpperCase();
    const description = descriptionOf(document, vulnerability);
    if (isRejected(description)) continue;
    if (!isCveId(cve)) {
      if (saysOfProducts(vulnerability)) lose("a vulnerability has no CVE id");
      continue;
    }
    const ratings = new CsafRatings(vulnerability, document, suseAuthor);
    const claims = claimsOf(readProducts(document, vulnerability, lose), ratings);
    const affected = claims.affected({ lineStart });
    if (affected.length > 0) {
      const record = recordOf(document, vulnerability, { cve, ratings, description });
      yield { kind: "advisory", advisory: { ...record, affected } };
    }
    const timestamp = document.changed;
    const statement = { vulnerability: { name: cve }, author: suseAuthor, ...(timestamp && { timestamp }) };
    yield* claims.statements({
      lineStart,
      statement,
      packageUrl: packageUrlOf,
      releaseOf,
      sources: true,
    });
  }
}

/** True for a document all of whose vulnerabilities were rejected, or that lists none and says so of its own. */
export function isRejectedBySuse(document: CsafDocument): boolean {
  const { vulnerabilities } = document;
  if (vulnerabilities.length === 0) return isRejected(descriptionOf(document, { notes: [] }));
  return vulnerabilities.every((vulnerability) => isRejected(descriptionOf(document, vulnerability)));
}

function descriptionOf(document: CsafDocument, vulnerability: Pick<CsafVulnerability, "notes">): string | undefined {
  return noteText(document, vulnerability, ["description", "general"]);
}

function isRejected(description: string | undefined): boolean {
  return description !== undefined && rejected.test(description);
}

/** The wordings of the CVE program for a rejected id. */
const rejected =
  /\*\* REJECT \*\*|DO NOT USE THIS (?:CANDIDATE NUMBER|CVE RECORD)|has been rejected or withdrawn by its CVE Numbering Authority/i;

/** One package in one product. */
interface SusePackage {
  readonly id: string;
  readonly place: SusePlace;
  readonly name: string;
  /** The name of the source package, when it is known. */
  readonly source: string | undefined;
  readonly cpe: string | undefined;
}

interface ReadProducts {
  readonly fixed: readonly (SusePackage & { readonly version: string })[];
  readonly affected: readonly (SusePackage & { readonly unfixed: Unfixed })[];
  readonly notAffected: readonly SusePackage[];
  /** Fixed in a version that cannot be read. */
  readonly unread: readonly SusePackage[];
  /** Names of packages that are fixed or affected somewhere that cannot be read. */
  readonly lost: readonly string[];
}

const fixedStatuses: readonly CsafStatus[] = ["recommended", "first_fixed", "fixed"];

function readProducts(document: CsafDocument, { status, remediations }: CsafVulnerability, lose: Lose): ReadProducts {
  const byProduct = new ByProduct(remediations);
  const lost: string[] = [];
  const unresolved = (id: string): void => {
    lose(`${JSON.stringify(id.slice(0, 100))} is not defined`);
    const component = id.slice(id.indexOf(":") + 1);
    lost.push(component, suseBuild(component, undefined)?.name ?? component);
  };
  const packages = <T>(
    statuses: readonly CsafStatus[],
    more: (found: FoundProduct) => T | undefined,
    { reportsLoss = true }: { readonly reportsLoss?: boolean } = {},
  ): T[] =>
    [...new Set(statuses.flatMap((key) => status[key]))].flatMap((id) => {
      const found = findProduct(document, id);
      if (found !== "unresolved") return (found && more(found)) ?? [];
      if (reportsLoss) unresolved(id);
      return [];
    });
  const unread: SusePackage[] = [];
  return {
    unread,
    lost,
    fixed: packages(fixedStatuses, (found) => {
      const { name = found.component, version = "" } = suseBuild(found.component, found.purl) ?? {};
      const one = packageOf(found, name);
      if (isRpmVersion(version)) return { ...one, version };
      lose(`${JSON.stringify(found.id.slice(0, 100))} has no valid version`, "fix");
      unread.push(one);
      return undefined;
    }),
    affected: [
      ...packages(["known_affected"], (found) => ({
        ...packageOf(found, found.component),
        unfixed: unfixedOf(byProduct.of(found.id)),
      })),
      ...packages(["under_investigation"], (found) => ({
        ...packageOf(found, found.component),
        unfixed: { status: "under-investigation" as const },
      })),
    ],
    // An undefined product only looks more affected without its "not affected".
    notAffected: packages(["known_not_affected"], (found) => packageOf(found, found.component), { reportsLoss: false }),
  };
}

interface FoundProduct {
  readonly id: string;
  readonly place: SusePlace;
  readonly cpe: string | undefined;
  readonly component: string;
  readonly purl: string | undefined;
}

/** `unresolved` when the document does not say what it is, undefined for what is left out. */
function findProduct(document: CsafDocument, id: string): FoundProduct | "unresolved" | undefined {
  const resolved = resolveProduct(document, id);
  if (!resolved) return isLeftOut(id) ? undefined : "unresolved";
  if (resolved.platform === undefined) return productOf(document, id) || isLeftOut(id) ? undefined : "unresolved";
  const platform = productOf(document, resolved.platform);
  const place = susePlace(platform?.name || resolved.platform);
  if (!place) return undefined;
  const { purl } = productOf(document, resolved.component) ?? {};
  return { id, place, cpe: platform?.cpe, component: resolved.component, purl };
}

/** By the product that SUSE writes before the package: `SUSE Manager Server 4.3:tool-1-1.1`. */
function isLeftOut(id: string): boolean {
  const colon = id.indexOf(":");
  return colon > 0 && susePlace(id.slice(0, colon)) === undefined;
}

function packageOf({ id, place, cpe, component, purl }: FoundProduct, name: string): SusePackage {
  // A name without a version may be given as a build all the same.
  const build = name === component ? suseBuild(component, purl) : undefined;
  const isBuild = build !== undefined && purl?.includes(`-${build.version}.src.rpm`) === true;
  return { id, place, name: isBuild ? build.name : name, source: suseSource(purl), cpe };
}

function unfixedOf(remediations: readonly CsafRemediation[]): Unfixed {
  const planned = remediations.find(({ category }) => category === "no_fix_planned");
  if (planned) return { status: "will-not-fix", ...reasonOf(planned) };
  const deferred = remediations.find(({ category }) => category === "fix_deferred");
  return deferred ? { status: "fix-deferred", ...reasonOf(deferred) } : {};
}

function reasonOf({ details }: CsafRemediation): Unfixed {
  return details.trim() === "" ? {} : { reason: shortenText(details) };
}

function claimsOf(products: ReadProducts, ratings: CsafRatings): PackageClaims {
  const { fixed, affected, notAffected, unread, lost } = products;
  const claims = new PackageClaims();
  const details = ({ id, cpe }: SusePackage) => ({ cpe, severity: ratings.exceptionOf(id) });
  const fixes = new Fixes(fixed);
  for (const build of fixed) claims.fixed(subjectOf(build), { ...details(build), version: build.version });
  for (const one of unread) claims.unfixed(subjectOf(one), { ...details(one), unfixed: unreadableFix });
  for (const one of affected) {
    const { unfixed, name, place } = one;
    // What SUSE declares not to fix stays affected whatever is fixed beside it.
    if (unfixed.status === undefined) {
      if (fixes.ofSource(place.ecosystem, name).size > 0 && !fixes.has(place.ecosystem, name)) continue;
      const siblings = one.source === undefined ? none : fixes.ofSource(place.ecosystem, one.source);
      const versions = siblings.size === 1 ? [...siblings] : [];
      const longTerm = versions.length > 0 ? [] : fixes.ofLongTerm(place.ecosystem, name);
      const channel = longTerm.length > 0 ? ("ltss" as const) : undefined;
      for (const version of [...versions, ...longTerm]) {
        claims.fixed({ ...subjectOf(one), ...(channel && { channel }) }, { ...details(one), version });
      }
      if (versions.length + longTerm.length > 0) continue;
    }
    claims.unfixed(subjectOf(one), { ...details(one), unfixed });
  }
  for (const one of notAffected) claims.notAffected(subjectOf(one), undefined);
  for (const name of lost) claims.lost(name);
  return claims;
}

function subjectOf({ place, name }: SusePackage): PackageSubject {
  const channel = place.channel ?? (isLivePatch(name) ? "livepatch" : undefined);
  return { ecosystem: place.ecosystem, name, ...(channel && { channel }) };
}

const none: ReadonlySet<string> = new Set();

/** Fixed versions by product and package. */
class Fixes {
  readonly #byName = new Map<string, Set<string>>();
  readonly #bySource = new Map<string, Set<string>>();

  constructor(builds: Iterable<SusePackage & { readonly version: string }>) {
    for (const { place, name, source, version } of builds) {
      add(this.#byName, keyOf(place.ecosystem, name), version);
      if (source !== undefined) add(this.#bySource, keyOf(place.ecosystem, source), version);
    }
  }

  has(ecosystem: string, name: string): boolean {
    return this.#byName.has(keyOf(ecosystem, name));
  }

  ofSource(ecosystem: string, source: string): ReadonlySet<string> {
    return this.#bySource.get(keyOf(ecosystem, source)) ?? none;
  }

  /**
   * The fixes of the product's long-term support. A product whose general support has ended stays `known_affected`
   * while packages of its long-term support, which continue the same packages, bring the fix.
   */
  ofLongTerm(ecosystem: string, name: string): readonly string[] {
    return [...(this.#byName.get(keyOf(`${ecosystem}-LTSS`, name)) ?? [])];
  }
}

function packageUrlOf({ ecosystem, name }: PackageSubject): string {
  return `pkg:rpm/${ecosystem.startsWith("openSUSE") ? "opensuse" : "suse"}/${encodeURIComponent(name)}`;
}

/** Modules hold the packages of every product of their service pack: `15 SP5`. */
function releaseOf(ecosystem: string): string {
  const [, release] = /^SUSE:Linux Enterprise .* (\d{1,2}(?:\.\d)?(?: SP\d)?)(?:-|$)/.exec(ecosystem) ?? [];
  return release ?? ecosystem;
}

function keyOf(ecosystem: string, name: string): string {
  return `${ecosystem}\n${name}`;
}

function add(map: Map<string, Set<string>>, key: string, version: string): void {
  const versions = map.get(key);
  if (versions) versions.add(version);
  else map.set(key, new Set([version]));
}

function recordOf(
  document: CsafDocument,
  vulnerability: CsafVulnerability,
  options: { readonly cve: string; readonly ratings: CsafRatings; readonly description: string | undefined },
): Advisory {
  const links = [...document.references, ...vulnerability.references].flatMap(({ summary, url }) => {
    const id = /^Advisory link for ((?:open)?SUSE-[A-Z]{2}-\d{4}:[\w.-]{1,20})$/.exec(summary)?.[1];
    return id === undefined ? [] : [{ id, url }];
  });
  const { cve, ratings, description } = options;
  const page = `https://www.suse.com/security/cve/${cve}`;
  return csafRecord(document, vulnerability, {
    id: suseAdvisoryId(cve),
    cve,
    ratings,
    details: description,
    related: links.map(({ id }) => id),
    advisories: [page, ...links.map(({ url }) => url)],
  });
}

/**
 * Lines of a package that differ in the upstream version stand beside each other; a later release of the same version
 * is a rebuild.
 */
function lineStart(lower: string, higher: string): string | undefined {
  const [low, high] = [splitVersion(lower), splitVersion(higher)];
  return low.version === high.version ? undefined : `${high.epoch}${high.version}-0`;
}
