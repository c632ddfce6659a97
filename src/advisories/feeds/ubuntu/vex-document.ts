import { isCveId } from "../../../model/cve-id.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../../model/json-object.ts";
import type { VexJustification, VexStatus } from "../../../model/vex.ts";
import { recordTime } from "../../record-time.ts";
import { longestPackageUrl, readSourcePackageUrl, type SourcePackageUrl } from "./source-package-url.ts";

// Ubuntu's OpenVEX 0.2.0 documents are about one CVE each. A statement lists as products every source package and every
// binary package built from it for every architecture, so that some documents have many thousands; all of a source say
// the same. Lists of products are therefore cut out and searched for sources before the rest is parsed. That is right
// as long as each statement has one list without brackets in it, which the count of statements shows; else the whole is
// parsed.

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
  /** RFC 3339. */
  readonly timestamp?: string;
  readonly description?: string;
  readonly statements: readonly UbuntuStatement[];
  /** How many statements about the CVE have another status than those of OpenVEX; absent for none. */
  readonly unknownStatuses?: number;
}

/** Reads a document; undefined when it is none, or none about a CVE. */
export function readVexDocument(bytes: Buffer): UbuntuVexDocument | undefined {
  const cut = cutProducts(bytes);
  const short = cut && parseJson(cut.rest);
  const statements = isJsonObject(short) && Array.isArray(short["statements"]) ? short["statements"] : [];
  if (cut && isJsonObject(short) && statements.length === cut.sources.length) return documentOf(short, cut.sources);
  const whole = parseJson(bytes.toString("utf8"));
  return isJsonObject(whole) ? documentOf(whole) : undefined;
}

interface Cut {
  /** The document with empty lists of products. */
  readonly rest: string;
  /** For each list the package URLs with `arch=source`. */
  readonly sources: readonly (readonly string[])[];
}

function cutProducts(bytes: Buffer): Cut | undefined {
  const rest: string[] = [];
  const sources: string[][] = [];
  let done = 0;
  for (let key = bytes.indexOf(productsKey); key >= 0; key = bytes.indexOf(productsKey, done)) {
    const open = bytes.indexOf("[", key);
    const close = open < 0 ? -1 : bytes.indexOf("]", open);
    const between = bytes.toString("latin1", key + productsKey.length, Math.max(key, Math.min(open, key + 100)));
    if (close < 0 || open > key + 100 || !/^\s*:\s*$/.test(between)) return undefined;
    rest.push(bytes.toString("utf8", done, open + 1));
    sources.push(sourceUrls(bytes.subarray(open, close)));
    done = close;
  }
  rest.push(bytes.toString("utf8", done));
  return { rest: rest.join(""), sources };
}

const productsKey = '"products"';
const sourceMark = "arch=source";

function sourceUrls(list: Buffer): string[] {
  const urls: string[] = [];
  for (let at = list.indexOf(sourceMark); at >= 0; at = list.indexOf(sourceMark, at + sourceMark.length)) {
    const before = list.subarray(Math.max(0, at - longestPackageUrl), at);
    const behind = list.subarray(at, at + longestPackageUrl);
    const [start, end] = [before.lastIndexOf('"'), behind.indexOf('"')];
    if (start >= 0 && end >= 0) urls.push(list.toString("utf8", at - before.length + start + 1, at + end));
  }
  return urls;
}

function documentOf(document: JsonObject, cut?: readonly (readonly string[])[]): UbuntuVexDocument | undefined {
  const written = Array.isArray(document["statements"]) ? document["statements"] : [];
  const statements: UbuntuStatement[] = [];
  let cve: string | undefined;
  let description: string | undefined;
  let timestamp = timeOf(document["timestamp"]);
  let unknownStatuses = 0;
  for (const [index, statement] of written.entries()) {
    if (!isJsonObject(statement)) continue;
    const { vulnerability, status } = statement as { readonly vulnerability?: unknown; readonly status?: unknown };
    const name = isJsonObject(vulnerability) ? vulnerability["name"] : undefined;
    if (!isCveId(name) || (cve !== undefined && name !== cve)) continue;
    if (!isStatus(status)) {
      unknownStatuses++;
      continue;
    }
    cve = name;
    if (isJsonObject(vulnerability)) description ??= textOf(vulnerability["description"]);
    timestamp ??= timeOf(statement["timestamp"]);
    const { justification } = statement as { readonly justification?: unknown };
    statements.push({
      status,
      ...(isJustification(justification) && { justification }),
      words:
        textOf(statement["impact_statement"]) ??
        textOf(statement["action_statement"]) ??
        textOf(statement["status_notes"]) ??
        "",
      sources: (cut?.[index] ?? productUrls(statement["products"])).flatMap((url) => readSourcePackageUrl(url) ?? []),
    });
  }
  if (cve === undefined) return undefined;
  return {
    cve,
    ...(timestamp !== undefined && { timestamp }),
    ...(description !== undefined && { description }),
    statements,
    ...(unknownStatuses > 0 && { unknownStatuses }),
  };
}

function productUrls(products: unknown): string[] {
  if (!Array.isArray(products)) return [];
  return products.flatMap((product) => (isJsonObject(product) ? (textOf(product["@id"]) ?? []) : []));
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

function timeOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : recordTime(text);
}
