// What Plimsoll reads of a CSAF document, with the sections of "Common Security Advisory Framework Version 2.0" (OASIS
// Standard, 18 November 2022) that define it. Everything else in a document is passed over.

/** Bytes of one document. The largest of Red Hat and SUSE have some 50 MB. */
export const largestDocument: number = 256 * 1024 * 1024;

/** A product: `full_product_name_t`, section 3.1.3. */
export interface CsafProduct {
  /** `product_id`; unique in the document. */
  readonly id: string;
  readonly name: string;
  /** `product_identification_helper.cpe`, section 3.1.3.3.1. */
  readonly cpe?: string;
  /** `product_identification_helper.purl`, section 3.1.3.3.4. */
  readonly purl?: string;
}

/** A product made of two others: section 3.2.2.4. */
export interface CsafRelationship {
  readonly category: string;
  /** `full_product_name`: the combination. */
  readonly product: CsafProduct;
  /** `product_reference`: what belongs to the other. */
  readonly component: string;
  /** `relates_to_product_reference`: what it belongs to. */
  readonly platform: string;
}

/** The keys of `product_status`, section 3.2.3.9. */
export const csafStatuses = [
  "first_affected",
  "first_fixed",
  "fixed",
  "known_affected",
  "known_not_affected",
  "last_affected",
  "recommended",
  "under_investigation",
] as const;

/** A key of `product_status`. */
export type CsafStatus = (typeof csafStatuses)[number];

/** A text about products; `undefined` instead of a list of product ids means every product of the vulnerability. */
interface AboutProducts {
  /** `product_ids`, with the products of `group_ids` (section 3.2.2.3). */
  readonly products: readonly string[] | undefined;
}

/** Section 3.2.3.12. */
export interface CsafRemediation extends AboutProducts {
  /** `vendor_fix`, `none_available`, `no_fix_planned`, `workaround`, `mitigation` and what a publisher adds. */
  readonly category: string;
  readonly details: string;
  readonly url?: string;
}

/** Section 3.2.3.5: why a product is not affected. */
export interface CsafFlag extends AboutProducts {
  readonly label: string;
}

/** Section 3.2.3.14. */
export interface CsafThreat extends AboutProducts {
  /** `impact`, `exploit_status`, `target_set`. */
  readonly category: string;
  readonly details: string;
}

/** Section 3.2.3.13: one entry for each vector. */
export interface CsafScore {
  readonly products: readonly string[];
  readonly type: "CVSS_V2" | "CVSS_V3" | "CVSS_V4";
  readonly vector: string;
}

/** Section 3.1.5. */
export interface CsafNote {
  readonly category: string;
  readonly text: string;
}

/** Section 3.1.10. */
export interface CsafReference {
  /** `self` or `external`. */
  readonly category: string;
  readonly summary: string;
  readonly url: string;
}

/** Section 3.2.3. */
export interface CsafVulnerability {
  readonly cve?: string;
  readonly title?: string;
  /** RFC 3339. */
  readonly releaseDate?: string;
  readonly notes: readonly CsafNote[];
  readonly references: readonly CsafReference[];
  /** Ids of products by their status. */
  readonly status: Readonly<Record<CsafStatus, readonly string[]>>;
  /** How many products stand under keys of `product_status` that are none of {@link csafStatuses}. */
  readonly unknownStatuses?: Readonly<Record<string, number>>;
  readonly remediations: readonly CsafRemediation[];
  readonly flags: readonly CsafFlag[];
  readonly threats: readonly CsafThreat[];
  readonly scores: readonly CsafScore[];
}

/** A CSAF document. */
export interface CsafDocument {
  /** `document.tracking.id`, section 3.2.1.12.4. */
  readonly id: string;
  /**
   * `document.category`, section 3.2.1.3: `csaf_vex`, `csaf_security_advisory`; empty for a document that only says it
   * is deleted.
   */
  readonly category: string;
  /**
   * `document.tracking.status`, section 3.2.1.12.7: `draft`, `final` or `interim`; publishers write `deleted` into the
   * stub that is left of a document, which needs no other field.
   */
  readonly trackingStatus: string;
  readonly title: string;
  /** `document.tracking.current_release_date`, RFC 3339; absent only in a deleted document. */
  readonly changed?: string;
  /** `document.tracking.initial_release_date`, RFC 3339. */
  readonly published?: string;
  /** `document.aggregate_severity.text`, section 3.2.1.2.2. */
  readonly severity?: string;
  readonly notes: readonly CsafNote[];
  readonly references: readonly CsafReference[];
  /** The products of `branches` (section 3.2.2.1) and `full_product_names` (3.2.2.2), by id. */
  readonly products: ReadonlyMap<string, CsafProduct>;
  /** By the id of the combination. */
  readonly relationships: ReadonlyMap<string, CsafRelationship>;
  readonly vulnerabilities: readonly CsafVulnerability[];
}
