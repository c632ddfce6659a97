import { isJsonObject, type JsonObject } from "../../../model/json-object.ts";
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

// The reader is strict about the types of what it keeps and about the two things that make a document CSAF 2.0 (section 3.2.1.4
// and the tracking of section 3.2.1.12). It does not require what publishers leave out and no reader of packages needs: notes, a
// publisher, the category of a branch. An unknown key, such as a status of a later version of the standard, is passed over.

/** Bounds on what a document may hold. */
export interface CsafLimits {
  /** How many `branches` may stand inside each other. */
  readonly branchDepth: number;
  /** Of products and relationships together. */
  readonly products: number;
  readonly vulnerabilities: number;
}

/** Far above what publishers need: Red Hat nests 3 deep and has some 50,000 products in its largest documents. */
export const csafLimits: CsafLimits = { branchDepth: 32, products: 2_000_000, vulnerabilities: 10_000 };

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
    if (error instanceof NotCsaf) return { refused: error.message };
    throw error;
  }
}

class NotCsaf extends Error {}

function documentOf(value: unknown, limits: CsafLimits): CsafDocument {
  const root = objectOf(value, "the document");
  const document = objectOf(root["document"], "document");
  const tracking = objectOf(document["tracking"], "document.tracking");
  const id = textOf(tracking, "id", "document.tracking.") || refuse("document.tracking.id is missing");
  const trackingStatus = textOf(tracking, "status", "document.tracking.") ?? "";
  const deleted = trackingStatus === "deleted";
  const version = textOf(document, "csaf_version", "document.");
  if (version !== "2.0" && !(deleted && version === undefined)) refuse("document.csaf_version is not 2.0");
  const changed = timeOf(tracking, "current_release_date");
  if (changed === undefined && !deleted) refuse("document.tracking.current_release_date is missing");
  const tree = optionalObject(root["product_tree"], "product_tree");
  const products = productsOf(tree, limits);
  const relationships = relationshipsOf(tree, { limits, known: products.size });
  const groups = groupsOf(tree);
  const severity = optionalObject(document["aggregate_severity"], "document.aggregate_severity");
  const vulnerabilities = listOf(root["vulnerabilities"], "vulnerabilities");
  if (vulnerabilities.length > limits.vulnerabilities)
    refuse(`it has more than ${limits.vulnerabilities} vulnerabilities`);
  return {
    id,
    category: textOf(document, "category", "document.") ?? "",
    trackingStatus,
    title: textOf(document, "title", "document.") ?? "",
    ...defined({
      changed,
      published: timeOf(tracking, "initial_release_date"),
      severity: severity && textOf(severity, "text", "document.aggregate_severity."),
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
      if (depth > limits.branchDepth) refuse(`its branches are more than ${limits.branchDepth} deep`);
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
  const id = textOf(product, "product_id", "") || refuse("a product has no product_id");
  const helper = optionalObject(product["product_identification_helper"], "product_identification_helper");
  return {
    id,
    name: textOf(product, "name", "") ?? "",
    ...defined({ cpe: helper && textOf(helper, "cpe", ""), purl: helper && textOf(helper, "purl", "") }),
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
    const component = textOf(relationship, "product_reference", "");
    const platform = textOf(relationship, "relates_to_product_reference", "");
    if (!component || !platform) refuse("a relationship lacks one of its products");
    const category = textOf(relationship, "category", "") ?? "";
    if (!relationships.has(product.id)) relationships.set(product.id, { category, product, component, platform });
  }
  return relationships;
}

/** Section 3.2.2.3. */
function groupsOf(tree: JsonObject | undefined): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const item of listOf(tree?.["product_groups"], "product_groups")) {
    const group = objectOf(item, "product_groups");
    const id = textOf(group, "group_id", "");
    if (id) groups.set(id, textsOf(group["product_ids"], "product_ids"));
  }
  return groups;
}

type Groups = ReadonlyMap<string, readonly string[]>;

/** Section 3.2.3. */
function vulnerabilityOf(vulnerability: JsonObject, groups: Groups): CsafVulnerability {
  const objects = (key: string): JsonObject[] => listOf(vulnerability[key], key).map((item) => objectOf(item, key));
  const text = (object: JsonObject, key: string): string => textOf(object, key, "") ?? "";
  return {
    ...defined({
      cve: textOf(vulnerability, "cve", ""),
      title: textOf(vulnerability, "title", ""),
      releaseDate: timeOf(vulnerability, "release_date"),
    }),
    notes: notesOf(vulnerability["notes"]),
    references: referencesOf(vulnerability["references"]),
    status: statusOf(optionalObject(vulnerability["product_status"], "product_status")),
    remediations: objects("remediations").map((item) => ({
      category: text(item, "category"),
      details: text(item, "details"),
      ...defined({ url: textOf(item, "url", "") }),
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

/** Undefined when the item names neither products nor groups, which then stands for all products. */
function productIdsOf(item: JsonObject, groups: Groups): readonly string[] | undefined {
  const { product_ids: products, group_ids: names } = item;
  if (isAbsent(products) && isAbsent(names)) return undefined;
  const ids = textsOf(products, "product_ids");
  if (isAbsent(names)) return ids;
  return [...ids, ...textsOf(names, "group_ids").flatMap((name) => groups.get(name) ?? [])];
}

/** Section 3.2.3.13. The standard has `cvss_v2` and `cvss_v3`; publishers write `cvss_v4` as well. */
function scoresOf(score: JsonObject): CsafScore[] {
  const products = textsOf(score["products"], "scores.products");
  return (["v4", "v3", "v2"] as const).flatMap((name): CsafScore[] => {
    const cvss = optionalObject(score[`cvss_${name}`], `scores.cvss_${name}`);
    const vector = cvss && textOf(cvss, "vectorString", "");
    return vector ? [{ products, type: `CVSS_${name.toUpperCase() as "V2" | "V3" | "V4"}`, vector }] : [];
  });
}

function notesOf(value: unknown): CsafNote[] {
  return listOf(value, "notes").map((item) => {
    const note = objectOf(item, "notes");
    return { category: textOf(note, "category", "") ?? "", text: textOf(note, "text", "") ?? "" };
  });
}

function referencesOf(value: unknown): CsafReference[] {
  return listOf(value, "references").map((item) => {
    const reference = objectOf(item, "references");
    return {
      // Section 3.1.10.1: `external` unless given.
      category: textOf(reference, "category", "") ?? "external",
      summary: textOf(reference, "summary", "") ?? "",
      url: textOf(reference, "url", "") ?? "",
    };
  });
}

function objectOf(value: unknown, field: string): JsonObject {
  return isJsonObject(value) ? value : refuse(`${field} is not an object`);
}

function optionalObject(value: unknown, field: string): JsonObject | undefined {
  return isAbsent(value) ? undefined : objectOf(value, field);
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : refuse(`${field} is not a list`);
}

function textsOf(value: unknown, field: string): readonly string[] {
  const list = listOf(value, field);
  if (!list.every((item) => typeof item === "string")) refuse(`${field} holds something that is no text`);
  return list as readonly string[];
}

function textOf(object: JsonObject, key: string, prefix: string): string | undefined {
  const value = object[key];
  if (isAbsent(value)) return undefined;
  return typeof value === "string" ? value : refuse(`${prefix}${key} is not text`);
}

function timeOf(object: JsonObject, key: string): string | undefined {
  const time = textOf(object, key, "");
  if (time !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)$/.test(time)) {
    refuse(`${key} is not a time by RFC 3339`);
  }
  return time;
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function refuse(reason: string): never {
  throw new NotCsaf(reason);
}

/** Leaves out what is undefined. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
