import type { VexJustification, VexProduct, VexStatement, VexStatus } from "../../model/findings/vex.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import type { ReadVex } from "./read-vex.ts";
import { malformedVex, objectIn, objectsIn, textIn, textsIn } from "./vex-json.ts";

const statuses: readonly VexStatus[] = ["not_affected", "affected", "fixed", "under_investigation"];
const justifications: readonly VexJustification[] = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
];

/**
 * Reads OpenVEX 0.0.1 and 0.2.0. A statement without a time or an author has those of the document. Error:
 * `file-malformed`.
 */
export function readOpenVex(document: JsonObject, file: string): ReadVex {
  const remarks: string[] = [];
  const ofDocument = {
    author: textIn(document, "author") ?? "unknown author",
    timestamp: textIn(document, "last_updated") ?? textIn(document, "timestamp"),
  };
  const statements = objectsIn(document, "statements", file).flatMap((statement, index): VexStatement[] => {
    const products = productsOf(statement, file);
    if (products.length > 0) return [statementOf(statement, { products, file, ...ofDocument })];
    remarks.push(`statement ${index + 1} names no product and is not used`);
    return [];
  });
  return { statements, remarks };
}

interface StatementContext {
  readonly products: readonly VexProduct[];
  readonly file: string;
  readonly author: string;
  readonly timestamp: string | undefined;
}

function statementOf(statement: JsonObject, { products, file, author, timestamp }: StatementContext): VexStatement {
  const status = statuses.find((each) => each === statement["status"]);
  if (status === undefined) throw malformedVex(file, `the status of a statement is not one of ${statuses.join(", ")}`);
  const justification = justifications.find((each) => each === statement["justification"]);
  const time = textIn(statement, "last_updated") ?? textIn(statement, "timestamp") ?? timestamp;
  const [impact, notes, action] = ["impact_statement", "status_notes", "action_statement"].map((key) =>
    textIn(statement, key),
  );
  return {
    vulnerability: vulnerabilityOf(statement, file),
    products,
    status,
    ...(justification && { justification }),
    ...(impact !== undefined && { impact_statement: impact }),
    ...(notes !== undefined && { status_notes: notes }),
    ...(action !== undefined && { action_statement: action }),
    ...(time !== undefined && { timestamp: time }),
    author: textIn(statement, "supplier") ?? author,
  };
}

function vulnerabilityOf(statement: JsonObject, file: string): VexStatement["vulnerability"] {
  const written = textIn(statement, "vulnerability");
  const object = objectIn(statement, "vulnerability");
  const name = written ?? textIn(object, "name") ?? textIn(object, "@id");
  if (name === undefined) throw malformedVex(file, "a statement does not name a vulnerability");
  return { name, aliases: textsIn(object, "aliases", file) };
}

function productsOf(statement: JsonObject, file: string): VexProduct[] {
  const products = statement["products"] ?? [];
  if (!Array.isArray(products)) throw malformedVex(file, "products is not a list");
  const ofAll = partsOf(statement, file);
  return products.flatMap((product: unknown) => {
    const own = isJsonObject(product) ? partsOf(product, file) : undefined;
    const subcomponents = own ?? ofAll;
    return idsOf(product).map((id) => ({ "@id": id, ...(subcomponents && { subcomponents }) }));
  });
}

/** Undefined without subcomponents. An unusable one stays: otherwise the statement would cover the whole product. */
function partsOf(object: JsonObject, file: string): { "@id": string }[] | undefined {
  const parts = object["subcomponents"] ?? [];
  if (!Array.isArray(parts)) throw malformedVex(file, "subcomponents is not a list");
  if (parts.length === 0) return undefined;
  return parts.flatMap((part: unknown) => {
    const ids = idsOf(part);
    return ids.length > 0 ? ids.map((id) => ({ "@id": id })) : [{ "@id": "" }];
  });
}

/** Its package URLs, or else its id. */
function idsOf(component: unknown): readonly string[] {
  if (typeof component === "string") return component.trim() === "" ? [] : [component];
  if (!isJsonObject(component)) return [];
  const named = [textIn(component, "@id"), textIn(objectIn(component, "identifiers"), "purl")];
  const ids = [...new Set(named.filter((id) => id !== undefined))];
  const urls = ids.filter((id) => parsePackageUrl(id) !== undefined);
  return urls.length > 0 ? urls : ids.slice(0, 1);
}
