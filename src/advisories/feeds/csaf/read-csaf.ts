import { defined } from "../../../model/objects/defined.ts";
import type { JsonObject } from "../../../model/objects/json-object.ts";
import { isAbsent, listOf, objectOf, RefusedJson, refuse, textOf, textsOf, timeOf } from "../../json-fields.ts";
import {
  type CsafDocument,
  type CsafNote,
  type CsafProduct,
  type CsafReference,
  type CsafRelationship,
  type CsafScore,
  type CsafStatus,
  type CsafVulnerability,
  csafStatuses,
} from "./csaf-document.ts";

// The reader is strict about the types of what it keeps and about the two things that make a document CSAF 2.0 (section
// 3.2.1.4 and the tracking of section 3.2.1.12). It does not require what publishers leave out and no reader of
// packages needs: notes, a publisher, the category of a branch. An unknown key is passed over; that of a status, such
// as one of a later version of the standard, is counted.

/** Bounds on what a document may hold. */
export interface CsafLimits {
  /** How many `branches` may stand inside each other. */
  readonly branchDepth: number;
  /** Number of products and relationships together. */
  readonly products: number;
  readonly vulnerabilities: number;
  /** Number of products named by the groups that hold them, all together. */
  readonly grouped: number;
}

/** Far above what publishers need: Red Hat nests 3 deep and has some 50,000 products in its largest documents. */
export const csafLimits: CsafLimits = {
  branchDepth: 32,
  products: 2_000_000,
  vulnerabilities: 10_000,
  grouped: 5_000_000,
};

/** A document, or why the value is not one. */
export type CsafReading = { readonly document: CsafDocument } | { readonly refused: string };

/**
 * Reads a parsed JSON value as a CSAF 2.0 document. Never throws.
 *
 * Source: CSAF 2.0, section 3.2.
 */
export function readCsaf(value: unknown, limits: CsafLimits = csafLimits): CsafReading {
  try {
    return { document: documentOf(value, limits) };
  } catch (error) {
    if (error instanceof RefusedJson) return { refused: error.message };
    throw error;
  }
}

function documentOf(value: unknown, limits: CsafLimits): CsafDocument {
  const root = objectOf(value, "the document");
  const document = objectOf(root["document"], "document");
  const tracking = objectOf(document["tracking"], "document.tracking");
  const id = textOf(tracking["id"], "document.tracking.id") || refuse("document.tracking.id is missing");
  const trackingStatus = textOf(tracking["status"], "document.tracking.status") ?? "";
  const deleted = trackingStatus === "deleted";
  const version = textOf(document["csaf_version"], "document.csaf_version");
  if (version !== "2.0" && !(deleted && version === undefined)) refuse("document.csaf_version is not 2.0");
  const changed = timeOf(tracking["current_release_date"], "current_release_date");
  if (changed === undefined && !deleted) refuse("document.tracking.current_release_date is missing");
  const tree = optionalObject(root["product_tree"], "product_tree");
  const products = productsOf(tree, limits);
  const relationships = relationshipsOf(tree, { limits, known: products.size });
  const groups = new Groups(tree, limits.grouped);
  const severity = optionalObject(document["aggregate_severity"], "document.aggregate_severity");
  const vulnerabilities = listOf(root["vulnerabilities"], "vulnerabilities");
  if (vulnerabilities.length > limits.vulnerabilities)
    refuse(`it has more than ${limits.vulnerabilities} vulnerabilities`);
  return {
    id,
    category: textOf(document["category"], "document.category") ?? "",
    trackingStatus,
    title: textOf(document["title"], "document.title") ?? "",
    ...defined({
      changed,
      published: timeOf(tracking["initial_release_date"], "initial_release_date"),
      severity: severity && textOf(severity["text"], "document.aggregate_severity.text"),
    }),
    notes: notesOf(document["notes"]),
    references: referencesOf(document["references"]),
    products,
    relationships,
    vulnerabilities: vulnerabilities.map((item) => vulnerabilityOf(objectOf(item, "vulnerabilities"), groups)),
  };
}

/** Sections 3.2.2.1 and 3.2.2.2. */
function productsOf(tree: JsonObject | undefined, limits: CsafLimits): Map<string, CsafProduct> {
  const products = new Map<string, CsafProduct>();
  const add = (value: unknown): void => {
    const product = productOf(value);
    if (products.size >= limits.products) refuse(`it has more than ${limits.products} products`);
    if (!products.has(product.id)) products.set(product.id, product);
  };
  const walk = (branches: unknown, depth: number): void => {
    for (const item of listOf(branches, "branches")) {
      if (depth > limits.branchDepth) refuse(`its branches are nested more than ${limits.branchDepth} levels deep`);
      const branch = objectOf(item, "branches");
      if (!isAbsent(branch["product"])) add(branch["product"]);
      walk(branch["branches"], depth + 1);
    }
  };
  walk(tree?.["branches"], 1);
  for (const item of listOf(tree?.["full_product_names"], "full_product_names")) add(item);
  return products;
}

function productOf(value: unknown): CsafProduct {
  const product = objectOf(value, "a product");
  const id = textOf(product["product_id"], "product_id") || refuse("a product has no product_id");
  const helper = optionalObject(product["product_identification_helper"], "product_identification_helper");
  return {
    id,
    name: textOf(product["name"], "name") ?? "",
    ...defined({ cpe: helper && shortTextOf(helper, "cpe"), purl: helper && shortTextOf(helper, "purl") }),
  };
}

/** Section 3.2.2.4. */
function relationshipsOf(
  tree: JsonObject | undefined,
  { limits, known }: { limits: CsafLimits; known: number },
): Map<string, CsafRelationship> {
  const relationships = new Map<string, CsafRelationship>();
  const list = listOf(tree?.["relationships"], "relationships");
  if (known + list.length > limits.products) refuse(`it has more than ${limits.products} products`);
  for (const item of list) {
    const relationship = objectOf(item, "relationships");
    const product = productOf(relationship["full_product_name"]);
    const component = textOf(relationship["product_reference"], "product_reference");
    const platform = textOf(relationship["relates_to_product_reference"], "relates_to_product_reference");
    if (!component || !platform) refuse("a relationship lacks one of its products");
    const category = textOf(relationship["category"], "category") ?? "";
    if (!relationships.has(product.id)) relationships.set(product.id, { category, product, component, platform });
  }
  return relationships;
}

/**
 * Section 3.2.2.3. A large group that is named again and again makes a document many times larger, so what it gives is
 * counted.
 */
class Groups {
  readonly #products = new Map<string, readonly string[]>();
  readonly #limit: number;
  #given = 0;

  constructor(tree: JsonObject | undefined, limit: number) {
    this.#limit = limit;
    for (const item of listOf(tree?.["product_groups"], "product_groups")) {
      const group = objectOf(item, "product_groups");
      const id = textOf(group["group_id"], "group_id");
      if (id) this.#products.set(id, textsOf(group["product_ids"], "product_ids"));
    }
  }

  /** The products of a group, none of one that is not defined. */
  of(id: string): readonly string[] {
    const products = this.#products.get(id) ?? [];
    this.#given += products.length;
    if (this.#given > this.#limit) refuse(`its product groups contain more than ${this.#limit} products`);
    return products;
  }
}

/** Section 3.2.3. */
function vulnerabilityOf(vulnerability: JsonObject, groups: Groups): CsafVulnerability {
  const objects = (key: string): JsonObject[] => listOf(vulnerability[key], key).map((item) => objectOf(item, key));
  const text = (object: JsonObject, key: string): string => textOf(object[key], key) ?? "";
  const status = optionalObject(vulnerability["product_status"], "product_status");
  return {
    ...defined({
      cve: textOf(vulnerability["cve"], "cve"),
      title: textOf(vulnerability["title"], "title"),
      releaseDate: timeOf(vulnerability["release_date"], "release_date"),
    }),
    notes: notesOf(vulnerability["notes"]),
    references: referencesOf(vulnerability["references"]),
    status: statusOf(status),
    ...defined({ unknownStatuses: unknownStatusesOf(status) }),
    remediations: objects("remediations").map((item) => ({
      category: text(item, "category"),
      details: text(item, "details"),
      ...defined({ url: textOf(item["url"], "url") }),
      products: productIdsOf(item, groups),
    })),
    flags: objects("flags").map((item) => ({ label: text(item, "label"), products: productIdsOf(item, groups) })),
    threats: objects("threats").map((item) => ({
      category: text(item, "category"),
      details: text(item, "details"),
      products: productIdsOf(item, groups),
    })),
    scores: objects("scores").flatMap(scoresOf),
  };
}

function statusOf(status: JsonObject | undefined): Record<CsafStatus, readonly string[]> {
  const entries = csafStatuses.map((key) => [key, textsOf(status?.[key], key)] as const);
  return Object.fromEntries(entries) as Record<CsafStatus, readonly string[]>;
}

function unknownStatusesOf(status: JsonObject = {}): Record<string, number> | undefined {
  const known: ReadonlySet<string> = new Set(csafStatuses);
  const count = (value: unknown): number => (Array.isArray(value) ? value.length : isAbsent(value) ? 0 : 1);
  const unknown = Object.entries(status).flatMap(([key, value]) =>
    known.has(key) || count(value) === 0 ? [] : [[key, count(value)] as const],
  );
  return unknown.length === 0 ? undefined : Object.fromEntries(unknown);
}

/** Undefined when the item names neither products nor groups, which then stands for all products. */
function productIdsOf(item: JsonObject, groups: Groups): readonly string[] | undefined {
  const { product_ids: products, group_ids: names } = item;
  if (isAbsent(products) && isAbsent(names)) return undefined;
  const ids = textsOf(products, "product_ids");
  if (isAbsent(names)) return ids;
  return [...ids, ...textsOf(names, "group_ids").flatMap((name) => groups.of(name))];
}

/** Section 3.2.3.13. The standard has `cvss_v2` and `cvss_v3`; publishers write `cvss_v4` as well. */
function scoresOf(score: JsonObject): CsafScore[] {
  const products = textsOf(score["products"], "scores.products");
  return (["v4", "v3", "v2"] as const).flatMap((name): CsafScore[] => {
    const cvss = optionalObject(score[`cvss_${name}`], `scores.cvss_${name}`);
    const vector = cvss && textOf(cvss["vectorString"], "vectorString");
    return vector ? [{ products, type: `CVSS_${name.toUpperCase() as "V2" | "V3" | "V4"}`, vector }] : [];
  });
}

function notesOf(value: unknown): CsafNote[] {
  return listOf(value, "notes").map((item) => {
    const note = objectOf(item, "notes");
    return { category: textOf(note["category"], "category") ?? "", text: textOf(note["text"], "text") ?? "" };
  });
}

function referencesOf(value: unknown): CsafReference[] {
  return listOf(value, "references").map((item) => {
    const reference = objectOf(item, "references");
    return {
      // Section 3.1.10.1: `external` unless given.
      category: textOf(reference["category"], "category") ?? "external",
      summary: textOf(reference["summary"], "summary") ?? "",
      url: textOf(reference["url"], "url") ?? "",
    };
  });
}

function optionalObject(value: unknown, field: string): JsonObject | undefined {
  return isAbsent(value) ? undefined : objectOf(value, field);
}

/** What names a product is searched with patterns that want a bounded text. */
function shortTextOf(object: JsonObject, key: string): string | undefined {
  const text = textOf(object[key], key);
  return text !== undefined && text.length > longestIdentifier ? refuse(`a ${key} is too long`) : text;
}

const longestIdentifier = 2000;
