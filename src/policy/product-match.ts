/*
 * Which packages a product of a VEX statement means. OpenVEX 0.2.0 identifies products by package URLs and leaves their
 * comparison to the reader; the rules here are those of its own library:
 *
 *   type, namespace, name   equal
 *   version                 equal, or absent in the statement: then every version is meant
 *   qualifiers              each that the statement has must agree; those that it lacks are free
 *
 * Three qualifiers have more than one form: `distro` is `debian-12`, `ubuntu-22.04`, `rhel-9` or a code name (`jammy`),
 * `arch=source` (`arch=src`) says that a source package is meant and everything that was built from it, and `rpmmod` is
 * a stream (`nodejs:18`) or one build of it (`nodejs:18:8050020211213115342:c5368500`), which Trivy calls
 * `modularitylabel`.
 */

import type { FindingPackage } from "../model/findings/finding.ts";
import type { VexProduct } from "../model/findings/vex.ts";
import type { Distribution } from "../model/packages/distribution.ts";
import { formatPackageUrl, type ParsedPackageUrl, parsePackageUrl } from "../model/packages/package-url.ts";

/** Facts about the place in which packages were found. */
export interface ProductContext {
  /** The distribution whose code name a product may give in place of a number. */
  readonly distribution?: Distribution | null;
  /** Package URLs of what holds all the packages, such as the image. */
  readonly targets?: readonly string[];
}

/** A package as products are compared with it. */
export interface ProductSubject {
  readonly purl: string;
  readonly found: ParsedPackageUrl | undefined;
  /** The source package it was built from; for deb and apk itself when its database names no other. */
  readonly source: ParsedPackageUrl | undefined;
}

/** Reads a package of a finding once for many comparisons. */
export function productSubject({ purl, type, version, source }: FindingPackage): ProductSubject {
  const found = parsePackageUrl(purl);
  if (!found || (type !== "deb" && type !== "apk" && !source)) return { purl, found, source: undefined };
  const qualifiers = { ...found.qualifiers };
  if (!source) return { purl, found, source: found };
  const text = formatPackageUrl({
    type,
    namespace: found.namespace,
    name: source.name,
    version: source.version || version,
    qualifiers,
  });
  return { purl, found, source: text === undefined ? undefined : parsePackageUrl(text) };
}

/** A product of a statement, read once for many comparisons. */
export interface ReadProduct {
  readonly product: VexProduct;
  readonly id: Identifier;
  readonly subcomponents: readonly Identifier[];
}

interface Identifier {
  readonly text: string;
  /** Undefined when it is not a package URL. */
  readonly purl: ParsedPackageUrl | undefined;
}

/** Reads a product's identifiers. */
export function readProduct(product: VexProduct): ReadProduct {
  const parts = product.subcomponents ?? [];
  return { product, id: identifier(product["@id"]), subcomponents: parts.map((part) => identifier(part["@id"])) };
}

/**
 * Whether a product means a package. One with subcomponents means these packages inside the product, so the product
 * itself must be among the context's `targets`; one without means the package itself, or everything in a target.
 */
export function coversPackage(product: ReadProduct, subject: ProductSubject, context: ProductContext): boolean {
  const { id, subcomponents } = product;
  const isTarget = (context.targets ?? []).some((target) => covers(id, identifier(target), context));
  if (subcomponents.length === 0) return isTarget || meansPackage(id, subject, context);
  return isTarget && subcomponents.some((component) => meansPackage(component, subject, context));
}

function identifier(text: string): Identifier {
  return { text, purl: parsePackageUrl(text) };
}

function covers(stated: Identifier, found: Identifier, context: ProductContext): boolean {
  if (stated.text === found.text) return true;
  return stated.purl !== undefined && found.purl !== undefined && agrees(stated.purl, found.purl, context);
}

function meansPackage(
  { text, purl: stated }: Identifier,
  { purl, found, source }: ProductSubject,
  context: ProductContext,
): boolean {
  if (text === purl) return true;
  if (!stated) return false;
  const { arch, ...others } = stated.qualifiers;
  if (arch !== "source" && arch !== "src") return found !== undefined && agrees(stated, found, context);
  return source !== undefined && agrees({ ...stated, qualifiers: others }, source, context);
}

function agrees(stated: ParsedPackageUrl, found: ParsedPackageUrl, context: ProductContext): boolean {
  if (stated.type !== found.type || stated.name !== found.name || stated.namespace !== found.namespace) return false;
  if (stated.version !== undefined && versionOf(stated) !== versionOf(found)) return false;
  if (stated.subpath !== undefined && stated.subpath !== found.subpath) return false;
  return Object.entries(stated.qualifiers).every(([key, value]) => {
    const theirs = found.qualifiers[key];
    if (key === "epoch" && stated.version !== undefined) return true;
    if (key === "rpmmod") return agreesOnModule(value, theirs ?? found.qualifiers["modularitylabel"]);
    return key === "distro" ? agreesOnDistribution(value, theirs, context) : value === theirs;
  });
}

/** What one of the two leaves out is free, but not the stream: `nodejs:18` and a build of it agree. */
function agreesOnModule(stated: string, theirs: string | undefined): boolean {
  const [wanted, found] = [stated.split(":"), theirs?.split(":") ?? []];
  const shared = Math.min(wanted.length, found.length);
  if (shared < Math.min(wanted.length, 2)) return false;
  return wanted.slice(0, shared).every((part, place) => part === found[place]);
}

/** With the epoch, which an rpm's URL has as a qualifier and some writers leave in the version; none is 0. */
function versionOf({ type, version = "", qualifiers }: ParsedPackageUrl): string {
  if (type === "golang") return version.replace(/^(?:v|go)(?=\d)/, "");
  if (type !== "rpm" && type !== "deb") return version;
  const whole = type === "rpm" && !version.includes(":") ? `${qualifiers["epoch"] ?? "0"}:${version}` : version;
  return whole.replace(/^0:/, "");
}

/** `theirs` is what the found package's URL says: `ubuntu-22.04`. */
function agreesOnDistribution(stated: string, theirs: string | undefined, { distribution }: ProductContext): boolean {
  const wanted = stated.toLowerCase();
  const id = distribution?.id ?? theirs?.replace(/-[^-]*$/, "");
  const version = distribution?.version ?? theirs?.slice((id?.length ?? 0) + 1);
  const codename = distribution?.codename?.toLowerCase();
  if (wanted === theirs?.toLowerCase()) return true;
  if (codename !== undefined && (wanted === codename || wanted === `${id}-${codename}`)) return true;
  if (id === undefined || version === undefined || !wanted.startsWith(`${id}-`)) return false;
  const release = wanted.slice(id.length + 1);
  return version === release || version.startsWith(`${release}.`);
}
