import { isCveId } from "../../../model/findings/cve-id.ts";
import type { VexJustification, VexStatus } from "../../../model/findings/vex.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/objects/json-object.ts";
import {
  isOtherPackageUrl,
  longestPackageUrl,
  readSourcePackageUrl,
  type SourcePackageUrl,
} from "./source-package-url.ts";

// Ubuntu's OpenVEX 0.2.0 documents are about one CVE each. A statement lists as products every source package and every
// binary package built from it for every architecture, so that some documents have many thousands; all of a source say
// the same. Lists of products are therefore cut out and searched for sources before the rest is parsed. That is right
// as long as each statement has one list without brackets in it, which the count of statements shows; else the whole is
// parsed. Early OpenVEX (0.0.1) has a text where 0.2.0 has an object: for the vulnerability its name, for a product its
// package URL.

/** One statement with the source packages that it is about. */
export interface UbuntuStatement {
  readonly status: VexStatus;
  readonly justification?: VexJustification;
  /** `impact_statement`, `action_statement` or `status_notes`. */
  readonly words: string;
  readonly sources: readonly SourcePackageUrl[];
}

/** What a document says. */
export interface UbuntuVexDocument {
  readonly cve: string;
  readonly description?: string;
  readonly statements: readonly UbuntuStatement[];
  /** How many statements about the CVE have another status than those of OpenVEX; absent for none. */
  readonly unknownStatuses?: number;
  /** How many statements have another shape, are about something else, or have products of another shape; as above. */
  readonly unreadStatements?: number;
}

/** Reads a document; undefined when it is none, or none about a CVE. */
export function readVexDocument(bytes: Buffer): UbuntuVexDocument | undefined {
  const cut = cutProducts(bytes);
  const short = cut && parseJson(cut.rest);
  const statements = isJsonObject(short) && Array.isArray(short["statements"]) ? short["statements"] : [];
  if (cut && isJsonObject(short) && statements.length === cut.products.length) return documentOf(short, cut.products);
  const whole = parseJson(bytes.toString("utf8"));
  return isJsonObject(whole) ? documentOf(whole) : undefined;
}

/** True for a document whose list of statements is empty, as many of Ubuntu's are: it names no CVE and says nothing. */
export function isSilentVexDocument(bytes: Buffer): boolean {
  const document = parseJson(bytes.toString("utf8"));
  const statements = isJsonObject(document) ? document["statements"] : undefined;
  return Array.isArray(statements) && statements.length === 0;
}

interface Cut {
  /** The document with empty lists of products. */
  readonly rest: string;
  readonly products: readonly Products[];
}

/** What a statement lists. */
interface Products {
  readonly sources: readonly SourcePackageUrl[];
  /** Whether something that is listed has another shape. */
  readonly isOdd: boolean;
}

function cutProducts(bytes: Buffer): Cut | undefined {
  const rest: string[] = [];
  const products: Products[] = [];
  let done = 0;
  for (let key = bytes.indexOf(productsKey); key >= 0; key = bytes.indexOf(productsKey, done)) {
    const open = bytes.indexOf("[", key);
    const close = open < 0 ? -1 : bytes.indexOf("]", open);
    const between = bytes.toString("latin1", key + productsKey.length, Math.max(key, Math.min(open, key + 100)));
    if (close < 0 || open > key + 100 || !/^\s*:\s*$/.test(between)) return undefined;
    rest.push(bytes.toString("utf8", done, open + 1));
    products.push(sourceProducts(bytes.subarray(open + 1, close)));
    done = close;
  }
  rest.push(bytes.toString("utf8", done));
  return { rest: rest.join(""), products };
}

const productsKey = '"products"';
/** Where each product is one package URL with an architecture, only those of sources are read. */
function sourceProducts(list: Buffer): Products {
  return regularProducts(list) ?? productsOf(parseJson(`[${list.toString("utf8")}]`));
}

const comma = 0x2c;
const architecture = "arch=";
/** Strings are searched several times as fast as bytes, and short ones are made several times as fast as long ones. */
const pieceLength = 32 * 1024;

/** Undefined unless there are as many URLs as products, each with an architecture, and all of sources can be read. */
function regularProducts(list: Buffer): Products | undefined {
  const sources: SourcePackageUrl[] = [];
  for (let start = 0; start < list.length; ) {
    const isLast = list.length - start <= pieceLength;
    const end = isLast ? list.length : list.lastIndexOf(comma, start + pieceLength - 1) + 1;
    if (end <= start) return undefined;
    const piece = list.toString("latin1", start, end);
    const products = countOf(piece, ",") + (isLast ? 1 : 0);
    if (countOf(piece, '"pkg:') !== products) return undefined;
    let architectures = 0;
    for (let at = piece.indexOf(architecture); at >= 0; at = piece.indexOf(architecture, at + 1)) {
      architectures++;
      const value = at + architecture.length;
      if (piece.startsWith("%", value)) return undefined;
      if (!piece.startsWith("source", value)) continue;
      const [open, close] = [piece.lastIndexOf('"', at), piece.indexOf('"', at)];
      if (open < 0 || close < 0 || close - open > longestPackageUrl) return undefined;
      const source = readSourcePackageUrl(list.toString("utf8", start + open + 1, start + close));
      if (!source) return undefined;
      sources.push(source);
    }
    if (architectures !== products) return undefined;
    start = end;
  }
  return { sources, isOdd: false };
}

function countOf(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

function documentOf(document: JsonObject, cut?: readonly Products[]): UbuntuVexDocument | undefined {
  const written = Array.isArray(document["statements"]) ? document["statements"] : [];
  const statements: UbuntuStatement[] = [];
  let cve: string | undefined;
  let description: string | undefined;
  let unknownStatuses = 0;
  let unreadStatements = 0;
  for (const [index, statement] of written.entries()) {
    const name = isJsonObject(statement) ? nameOf(statement["vulnerability"]) : undefined;
    if (!isJsonObject(statement) || !isCveId(name) || (cve !== undefined && name !== cve)) {
      unreadStatements++;
      continue;
    }
    cve = name;
    const { vulnerability, status, justification } = statement as {
      readonly [field in "vulnerability" | "status" | "justification"]?: unknown;
    };
    if (!isStatus(status)) {
      unknownStatuses++;
      continue;
    }
    if (isJsonObject(vulnerability)) description ??= textOf(vulnerability["description"]);
    const { sources, isOdd } = cut?.[index] ?? productsOf(statement["products"]);
    if (isOdd) unreadStatements++;
    statements.push({
      status,
      ...(isJustification(justification) && { justification }),
      words:
        textOf(statement["impact_statement"]) ??
        textOf(statement["action_statement"]) ??
        textOf(statement["status_notes"]) ??
        "",
      sources,
    });
  }
  if (cve === undefined) return undefined;
  return {
    cve,
    ...(description !== undefined && { description }),
    statements,
    ...(unknownStatuses > 0 && { unknownStatuses }),
    ...(unreadStatements > 0 && { unreadStatements }),
  };
}

function nameOf(vulnerability: unknown): unknown {
  return isJsonObject(vulnerability) ? vulnerability["name"] : vulnerability;
}

function productsOf(products: unknown): Products {
  if (!Array.isArray(products)) return { sources: [], isOdd: true };
  const sources: SourcePackageUrl[] = [];
  let isOdd = false;
  for (const url of products.map(urlOf)) {
    const source = url === undefined ? undefined : readSourcePackageUrl(url);
    if (source) sources.push(source);
    else isOdd ||= url === undefined || !isOtherPackageUrl(url);
  }
  return { sources, isOdd };
}

/** The package URL stands as the product's id or beside it. */
function urlOf(product: unknown): string | undefined {
  if (!isJsonObject(product)) return textOf(product);
  const { "@id": id, identifiers } = product as { readonly "@id"?: unknown; readonly identifiers?: unknown };
  return textOf(id) ?? (isJsonObject(identifiers) ? textOf(identifiers["purl"]) : undefined);
}

function isStatus(value: unknown): value is VexStatus {
  return value === "not_affected" || value === "affected" || value === "fixed" || value === "under_investigation";
}

const justifications: ReadonlySet<unknown> = new Set<VexJustification>([
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
]);

function isJustification(value: unknown): value is VexJustification {
  return justifications.has(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
