import type { Advisory, SeverityScore } from "../../../model/findings/advisory.ts";
import { isCveId } from "../../../model/findings/cve-id.ts";
import type { FeedItem } from "../../feed-item.ts";
import { shortenText } from "../../shorten-text.ts";
import { CsafRatings, csafRecord } from "../csaf/advisory-record.ts";
import type {
  CsafDocument,
  CsafProduct,
  CsafRemediation,
  CsafStatus,
  CsafVulnerability,
} from "../csaf/csaf-document.ts";
import { ByProduct, noteText, productOf, resolveProduct, saysOfProducts } from "../csaf/csaf-products.ts";
import { splitVersion } from "../csaf/fixed-events.ts";
import { PackageClaims, type PackageSubject, type Unfixed, unreadableFix } from "../csaf/package-claims.ts";
import type { Lose } from "../csaf/parse-csaf-part.ts";
import {
  belongsToOtherVendor,
  isDebugPackage,
  moduleStream,
  type RedHatPackage,
  redHatPackage,
  redHatPackageOfName,
  redHatPlace,
} from "./red-hat-product.ts";

// What Red Hat's VEX documents say, beyond the standard ("CSAF VEX documents", Red Hat Product Security):
//
//   product_status.fixed               builds, each with its erratum in a remediation `vendor_fix`
//   product_status.known_affected      packages without a fix, with a remediation
//                                        none_available   "Affected", "Fix deferred"
//                                        no_fix_planned   "Will not fix", "Out of support scope"
//   product_status.known_not_affected  packages and builds, with a flag that says why
//   threats[].impact                   Red Hat's own scale: Critical, Important, Moderate, Low

/** Red Hat's name, as reports print it. */
const redHatAuthor = "Red Hat";

/** The id of the advisory of a CVE. */
export function redHatAdvisoryId(cve: string): string {
  return `REDHAT-${cve}`;
}

/**
 * What a document says of the packages of Red Hat's products: an advisory and statements for each vulnerability with a
 * CVE id; no advisory where it has no entry. Left out are images, files and other things that are not an rpm, debug
 * symbols, and what is not a product of Red Hat. `lose` takes what is affected or fixed and cannot be read; a package
 * whose fixed version cannot be read then counts as affected, and nothing is stated of the name of a lost package.
 */
export function* redHatItems(document: CsafDocument, lose: Lose = () => {}): Generator<FeedItem> {
  for (const vulnerability of document.vulnerabilities) yield* itemsOf(document, vulnerability, lose);
}

function* itemsOf(document: CsafDocument, vulnerability: CsafVulnerability, lose: Lose): Generator<FeedItem> {
  const cve = vulnerability.cve?.toUpperCase();
  if (!isCveId(cve)) {
    if (saysOfProducts(vulnerability)) lose("a vulnerability has no CVE id");
    return;
  }
  const ratings = new CsafRatings(vulnerability, document, redHatAuthor);
  const claims = new PackageClaims();
  const remediations = new ByProduct(vulnerability.remediations);
  const flags = new ByProduct(vulnerability.flags);
  const products = new ProductNames(document);
  for (const [statuses, take] of steps) {
    for (const id of new Set(statuses.flatMap((status) => vulnerability.status[status]))) {
      const product = products.of(id);
      if (!product) continue;
      if ("lost" in product) {
        // It only looks more affected without its "not affected".
        if (take === notAffected) continue;
        lose(`${shown(id)} ${product.lost}`);
        if (product.name !== undefined) claims.lost(product.name);
        continue;
      }
      if (take === fixed && product.found.version === undefined) {
        // A name alone is a source package or, where something is fixed, a file or an image: `rhcos-x86_64-412.86-0`.
        if (product.isNameAlone) continue;
        lose(`${shown(id)} is fixed, and ${product.found.wrongVersion ?? "it has no version"}`, "fix");
      }
      const { subject, cpe, found } = product;
      take(claims, subject, {
        cpe,
        found,
        severity: ratings.exceptionOf(id),
        remediations: remediations.of(id),
        flags: flags.of(id),
      });
    }
  }
  const affected = claims.affected({ lineStart });
  if (affected.length > 0) {
    yield { kind: "advisory", advisory: { ...recordOf(document, vulnerability, { cve, ratings }), affected } };
  }
  const timestamp = document.changed;
  const statement = {
    vulnerability: { name: cve },
    author: redHatAuthor,
    ...(timestamp !== undefined && { timestamp }),
  };
  const sources = !statesBinaries(document);
  const options = { lineStart, statement, packageUrl: packageUrlOf, releaseOf, sources };
  yield* claims.statements(options);
}

interface Said {
  readonly cpe: string;
  readonly found: RedHatPackage;
  readonly severity: SeverityScore | undefined;
  readonly remediations: readonly CsafRemediation[];
  readonly flags: readonly { readonly label: string }[];
}

type Step = (claims: PackageClaims, subject: PackageSubject, said: Said) => void;

const fixed: Step = (claims, subject, { found: { version, architecture }, cpe, severity }) => {
  if (version !== undefined) claims.fixed(subject, { version, architecture, cpe, severity });
  else claims.unfixed(subject, { unfixed: unreadableFix, cpe, severity });
};

const notAffected: Step = (claims, subject, { found, flags }) => {
  const isBuild = found.version !== undefined || found.wrongVersion !== undefined;
  // The binary packages of the same build are stated beside it.
  if (found.names === "source" && isBuild) return;
  claims.notAffected(subject, flags[0]?.label);
};

const steps: readonly (readonly [readonly CsafStatus[], Step])[] = [
  [["fixed", "first_fixed", "recommended"], fixed],
  [
    ["known_affected"],
    (claims, subject, { remediations, cpe, severity }) =>
      claims.unfixed(subject, { unfixed: unfixedOf(remediations), cpe, severity }),
  ],
  [
    ["under_investigation"],
    (claims, subject, { cpe, severity }) =>
      claims.unfixed(subject, { unfixed: { status: "under-investigation" }, cpe, severity }),
  ],
  [["known_not_affected"], notAffected],
];

function shown(id: string): string {
  return JSON.stringify(id.slice(0, 150));
}

/** Red Hat's words in `details`; another text falls back to what the category says. */
function unfixedOf(remediations: readonly CsafRemediation[]): Unfixed {
  const remediation = remediations.find(
    ({ category }) => category === "no_fix_planned" || category === "none_available",
  );
  if (!remediation) return {};
  const words = remediation.details.trim();
  const reason = words === "" ? {} : { reason: shortenText(words) };
  switch (words.toLowerCase()) {
    case "affected":
      return {};
    case "out of support scope":
      return { status: "end-of-life", ...reason };
    case "fix deferred":
      return { status: "fix-deferred", ...reason };
    case "under investigation":
      return { status: "under-investigation", ...reason };
  }
  return remediation.category === "no_fix_planned" ? { status: "will-not-fix", ...reason } : reason;
}

/** True for a document that names binary packages where no build is meant, as Red Hat does since 2025. */
function statesBinaries({ products }: CsafDocument): boolean {
  for (const { purl } of products.values()) {
    if (purl !== undefined && /^pkg:rpm\/redhat\/[^@?]+(?:\?|$)/.test(purl) && !/[?&]arch=/.test(purl)) return true;
  }
  return false;
}

interface NamedProduct {
  readonly subject: PackageSubject;
  readonly cpe: string;
  readonly found: RedHatPackage;
  /** Without a package URL and a version. */
  readonly isNameAlone: boolean;
}

/** What of it cannot be read: `is not defined`. */
interface LostProduct {
  readonly lost: string;
  /** Name of the package, where that can be read. */
  readonly name?: string | undefined;
}

const notDefined: LostProduct = { lost: "is not defined" };

/** The package that an id names by Red Hat's habit: `AppStream-9.2:tool-1:2-3.el9.x86_64`. */
function nameInId(id: string): string | undefined {
  return redHatPackageOfName(id.slice(id.indexOf(":") + 1))?.name;
}

/** Undefined for what is not an rpm. */
function packageOf({ id, name, purl }: CsafProduct): RedHatPackage | LostProduct | undefined {
  if (purl === undefined) return redHatPackageOfName(name || id);
  if (!purl.startsWith("pkg:rpm/")) return /^pkg:[a-z]/.test(purl) ? undefined : { lost: "has no package URL" };
  const found = redHatPackage(purl, id);
  if (!found) return { lost: "has another vendor's package URL" };
  if (!("refused" in found)) return found;
  return found.isFlatpak ? undefined : { lost: `is not read: ${found.refused}` };
}

/** Product ids of a document as packages of Red Hat's products. */
class ProductNames {
  readonly #document: CsafDocument;

  constructor(document: CsafDocument) {
    this.#document = document;
  }

  /** Undefined for a product that is left out. */
  of(id: string): NamedProduct | LostProduct | undefined {
    const resolved = resolveProduct(this.#document, id);
    if (!resolved) return { lost: "is a product relationship that is circular or nested too deeply" };
    if (resolved.platform === undefined) {
      return productOf(this.#document, id) ? undefined : { ...notDefined, name: nameInId(id) };
    }
    const platform = productOf(this.#document, resolved.platform);
    const cpe = platform?.cpe;
    const place = cpe === undefined ? undefined : redHatPlace(cpe);
    if (cpe !== undefined && !place && belongsToOtherVendor(cpe)) return undefined;
    const component = productOf(this.#document, resolved.component);
    if (!component) return { ...notDefined, name: nameInId(id) };
    const found = packageOf(component);
    if (!found || "lost" in found) return found;
    const { name } = found;
    if (isDebugPackage(name)) return undefined;
    if (!platform) return { ...notDefined, name };
    if (cpe === undefined) return { lost: "belongs to a product without a CPE name", name };
    if (!place) return { lost: "belongs to a product with an unreadable CPE name", name };
    const module = found.module ?? this.#moduleOf(resolved.through);
    // A build that does not mention its module although its release does is not taken for one outside any module.
    const unsaid = module === undefined && found.version?.includes(".module") === true;
    const subject: PackageSubject = {
      ecosystem: place.ecosystem,
      name: found.name,
      names: found.names,
      ...(!unsaid && { module: module ?? "" }),
      ...(place.channel && { channel: place.channel }),
    };
    const isNameAlone = component.purl === undefined && found.version === undefined && found.wrongVersion === undefined;
    return { subject, cpe, found, isNameAlone };
  }

  /**
   * What a package is combined with before its product, by its package URL or its name:
   * `httpd:2.4:8100020240612075645:489197e6`.
   */
  #moduleOf(through: readonly string[]): string | undefined {
    for (const id of through) {
      const purl = productOf(this.#document, id)?.purl;
      const [, name, stream] = /^pkg:rpmmod\/redhat\/([^@?#/]+)@([^:?#]+)/.exec(purl ?? "") ?? [];
      const module = moduleStream(name && stream ? `${name}:${decodeURIComponent(stream)}` : id);
      if (module) return module;
    }
    return undefined;
  }
}

function recordOf(
  document: CsafDocument,
  vulnerability: CsafVulnerability,
  { cve, ratings }: { readonly cve: string; readonly ratings: CsafRatings },
): Advisory {
  const texts = (categories: readonly string[]): string | undefined =>
    noteText({ notes: [] }, vulnerability, categories);
  const errata = new Map<string, string>();
  for (const { url = "" } of vulnerability.remediations) {
    const id = /^https:\/\/access\.redhat\.com\/errata\/(RH[A-Z]A-\d{4}:\d{1,9})$/.exec(url)?.[1];
    if (id !== undefined) errata.set(id, url);
  }
  return csafRecord(document, vulnerability, {
    id: redHatAdvisoryId(cve),
    cve,
    ratings,
    summary: vulnerability.title || texts(["summary"]),
    details: texts(["description", "general"]),
    related: [...errata.keys()],
    advisories: [...errata.values()].sort(),
  });
}

/** `Red Hat:enterprise_linux:9` for `Red Hat:enterprise_linux:9::baseos`. */
function releaseOf(ecosystem: string): string {
  return /^Red Hat:enterprise_linux:\d+/.exec(ecosystem)?.[0] ?? ecosystem.replace(/::.*/s, "");
}

function packageUrlOf({ name, names, module }: PackageSubject): string {
  const qualifiers = [
    ...(names === "source" ? ["arch=source"] : []),
    ...(module ? [`rpmmod=${encodeURIComponent(module).replaceAll("%3A", ":")}`] : []),
  ];
  return `pkg:rpm/redhat/${encodeURIComponent(name)}${qualifiers.length > 0 ? `?${qualifiers.join("&")}` : ""}`;
}

/**
 * A minor release of RHEL has a line of each package: `23.el9_2.4` fixes 9.2, and 9.3 began with `26.el9`. The first
 * number of the release is what the line began with, so the next one begins after it; with another upstream version it
 * begins with that.
 */
function lineStart(lower: string, higher: string): string | undefined {
  const [low, high] = [splitVersion(lower), splitVersion(higher)];
  const upstream = `${high.epoch}${high.version}`;
  if (low.version !== high.version) return `${upstream}-0`;
  const [lowLead, highLead] = [leadOf(low.release), leadOf(high.release)];
  if (lowLead < highLead) return `${upstream}-${lowLead + 1}`;
  const [lowTag, highTag] = [minorTag(low.release), minorTag(high.release)];
  return lowTag === undefined || highTag === undefined || lowTag === highTag ? undefined : `${upstream}-${highTag}`;
}

function leadOf(release: string): number {
  return Number(/^\d{1,15}/.exec(release)?.[0] ?? -1);
}

/** What a release begins with, up to the minor release of RHEL: `23.el9_2`, `139.module+el8.8.0`. */
function minorTag(release: string): string | undefined {
  return /^[^+]{0,100}?(?:\.el\d+_\d+|\.module\+el\d+(?:\.\d+)+)/.exec(release)?.[0];
}
