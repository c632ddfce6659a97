import {
  type Advisory,
  type AdvisoryExtension,
  extensionKey,
  type SeverityScore,
  type SeverityStatement,
} from "../../../model/findings/advisory.ts";
import { unknownTime } from "../../../model/findings/known-time.ts";
import { shortenText } from "../../shorten-text.ts";
import type { CsafDocument, CsafReference, CsafVulnerability } from "./csaf-document.ts";

/** How severe a document calls a vulnerability. */
export class CsafRatings {
  /** Vectors, then words; each once, what is said of most products first. */
  readonly statements: readonly SeverityStatement[];
  readonly #main: SeverityScore | undefined;
  readonly #byProduct = new Map<string, SeverityScore>();

  /**
   * `source` is the publisher's name as reports print it. Source: CSAF 2.0, sections 3.2.1.2, 3.2.3.13 and 3.2.3.14.
   */
  constructor({ scores, threats, status }: CsafVulnerability, { severity }: CsafDocument, source: string) {
    // Publishers rate unaffected products too; such a rating says nothing about the others.
    const unaffected = new Set(status.known_not_affected);
    const vectors = new Map<string, { score: SeverityScore; products: number }>();
    for (const { products, type, vector } of scores) {
      const score = { type, score: shortenText(vector) };
      const rated = products.filter((id) => !unaffected.has(id));
      const known = vectors.get(vector)?.products ?? 0;
      vectors.set(vector, { score, products: known + rated.length });
      for (const id of rated) if (!this.#byProduct.has(id)) this.#byProduct.set(id, score);
    }
    const words = new Map<string, number>();
    for (const { category, details, products } of threats) {
      if (category !== "impact" || details === "") continue;
      const rated = products?.filter((id) => !unaffected.has(id)).length ?? Number.POSITIVE_INFINITY;
      words.set(details, (words.get(details) ?? 0) + rated);
    }
    if (words.size === 0 && severity) words.set(severity, 1);
    const sorted = [...vectors.values()].sort((a, b) => b.products - a.products).map(({ score }) => score);
    this.#main = sorted[0];
    this.statements = [
      ...sorted.map(({ type, score }) => ({ source, type: type as "CVSS_V3", score })),
      ...[...words]
        .sort(([, a], [, b]) => (a === b ? 0 : b > a ? 1 : -1))
        .map(([word]) => ({ source, type: "word" as const, score: shortenText(word) })),
    ];
  }

  /** The vector of a product whose vector is not that of most. */
  exceptionOf(product: string): SeverityScore | undefined {
    const own = this.#byProduct.get(product);
    return own && own.score !== this.#main?.score ? own : undefined;
  }
}

/** What a record is made of beside the document. */
export interface RecordOptions {
  readonly id: string;
  readonly cve: string;
  readonly ratings: CsafRatings;
  /** A short and a long description; the second is kept when there is no first. */
  readonly summary?: string | undefined;
  readonly details?: string | undefined;
  /** Identifiers of the errata. */
  readonly related: readonly string[];
  /** Addresses of the errata. */
  readonly advisories: readonly string[];
}

const mostReferences = 5;

/** The record of a vulnerability without its entries. */
export function csafRecord(
  document: CsafDocument,
  { references, releaseDate }: CsafVulnerability,
  { id, cve, ratings, summary, details, related, advisories }: RecordOptions,
): Advisory {
  const published = releaseDate ?? document.published;
  const severities = ratings.statements;
  const extension: AdvisoryExtension = { severities };
  return {
    id,
    modified: document.changed ?? unknownTime,
    ...(published !== undefined && { published }),
    ...(related.length > 0 && { related: [...new Set(related)].sort() }),
    upstream: [cve],
    ...(summary ? { summary: shortenText(summary) } : details ? { details: shortenText(details) } : {}),
    references: referencesOf(references, advisories),
    ...(severities.length > 0 && { database_specific: { [extensionKey]: extension } }),
  };
}

/** The publisher's page of the CVE, errata, then the rest. */
function referencesOf(
  references: readonly CsafReference[],
  advisories: readonly string[],
): { type: string; url: string }[] {
  const kept = new Map<string, string>();
  const keep = (type: string, url: string): void => {
    if (!kept.has(url) && /^https?:\/\/[\x21-\x7e]{1,500}$/.test(url)) kept.set(url, type);
  };
  for (const { category, url } of references) if (category === "self") keep("ADVISORY", url);
  for (const url of advisories) keep("ADVISORY", url);
  for (const { url } of references) keep("WEB", url);
  return [...kept].slice(0, mostReferences).map(([url, type]) => ({ type, url }));
}
