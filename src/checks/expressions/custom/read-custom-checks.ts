import type { CheckMapping, CheckResult } from "../../../model/checks/check.ts";
import { PlimsollError } from "../../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../../model/objects/json-object.ts";
import { objectsAt, textAt } from "../../manifests/kustomize/json-path.ts";
import { readDocument, splitDocuments } from "../../manifests/reading/manifest-document.ts";
import { compileExpression, type Expression } from "../expression.ts";
import { typeText } from "../static-type.ts";
import { type CustomCheck, customCheckKinds } from "./custom-check.ts";

const largestFile = 4 * 1024 * 1024;
const mostChecks = 2000;
const mostShown = 500;
const severities: readonly CheckResult["severity"][] = ["critical", "high", "medium", "low", "negligible"];
const known = [
  "id",
  "kind",
  "title",
  "failTitle",
  "severity",
  "why",
  "remediation",
  "mappings",
  "when",
  "expression",
  "message",
  "messageExpression",
];

/**
 * The checks in a file of the form `checks: [{id, kind, title, severity, expression, …}]` (docs/adding-a-check.md),
 * YAML or JSON; undefined for a file without `checks`, such as a file of policies.
 *
 * @throws PlimsollError `rules-malformed` with all of its mistakes; its `lines` have at most 500.
 */
export function readCustomChecks(text: string, path: string): CustomCheck[] | undefined {
  if (text.length > largestFile) {
    throw new PlimsollError("rules-malformed", `${path} is larger than ${largestFile} characters`);
  }
  const checks: CustomCheck[] = [];
  const mistakes: string[] = [];
  let isOurs = false;
  for (const document of splitDocuments(text.replaceAll("\r\n", "\n"))) {
    const read = readDocument(document);
    if ("error" in read) {
      mistakes.push(`line ${read.line}: ${read.error}`);
    } else if (isJsonObject(read.value) && Array.isArray(read.value["checks"])) {
      isOurs = true;
      for (const [index, item] of objectsAt(read.value, "checks").slice(0, mostChecks)) {
        const reader = new CheckReader(item, `checks[${index}]`);
        const check = reader.read();
        if (check) checks.push(check);
        mistakes.push(...reader.mistakes);
      }
    }
  }
  if (!isOurs) return undefined;
  const ids = checks.map(({ id }) => id);
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) mistakes.push(`duplicate id ${id}`);
  if (mistakes.length === 0) return checks;
  const more = mistakes.length - mostShown;
  const shown = [...mistakes.slice(0, mostShown), ...(more > 0 ? [`and ${more} more`] : [])];
  throw new PlimsollError("rules-malformed", `${path} cannot be used: ${mistakes.join("; ")}`, {
    lines: [`${path} cannot be used:`, ...shown.map((mistake) => `  ${mistake}`)],
    hint: "See docs/adding-a-check.md for the file format.",
  });
}

class CheckReader {
  readonly mistakes: string[] = [];
  readonly #item: JsonObject;
  readonly #place: string;

  constructor(item: JsonObject, place: string) {
    this.#item = item;
    this.#place = typeof item["id"] === "string" ? item["id"] : place;
  }

  /** Undefined when it has a mistake. */
  read(): CustomCheck | undefined {
    for (const key of Object.keys(this.#item)) if (!known.includes(key)) this.#wrong(`unknown field ${key}`);
    const id = this.#text("id");
    const kind = customCheckKinds.find((one) => one === this.#item["kind"]);
    if (!kind) this.#wrong(`kind must be one of ${customCheckKinds.join(", ")}`);
    const severity = severities.find((one) => one === (this.#item["severity"] ?? "medium"));
    if (!severity) this.#wrong(`severity must be one of ${severities.join(", ")}`);
    if (id !== "" && !/^[a-z0-9][a-z0-9._/-]{0,127}$/.test(id))
      this.#wrong("id may contain only lower-case letters, digits and ._/-");
    const title = this.#text("title");
    const expression = this.#compile("expression", "bool");
    const when = this.#item["when"] === undefined ? undefined : this.#compile("when", "bool");
    const messageExpression =
      this.#item["messageExpression"] === undefined ? undefined : this.#compile("messageExpression", "string");
    if (!kind || !severity || !expression || this.mistakes.length > 0) return undefined;
    return {
      id,
      kind,
      title: { pass: title, fail: textAt(this.#item, "failTitle")?.trim() || title },
      severity,
      why: textAt(this.#item, "why") ?? "",
      remediation: textAt(this.#item, "remediation") ?? "",
      mappings: this.#mappings(),
      when,
      expression,
      message: textAt(this.#item, "message"),
      messageExpression,
    };
  }

  #mappings(): CheckMapping[] {
    return objectsAt(this.#item, "mappings").flatMap(([, mapping]) => {
      const framework = textAt(mapping, "framework");
      const id = textAt(mapping, "id");
      const version = textAt(mapping, "version");
      if (framework === undefined || id === undefined) return [];
      return [{ framework, id, ...(version === undefined ? {} : { version }) }];
    });
  }

  #text(key: string): string {
    const text = textAt(this.#item, key)?.trim() ?? "";
    if (text === "") this.#wrong(`${key} is missing`);
    return text;
  }

  #compile(key: string, wanted: "bool" | "string"): Expression | undefined {
    const source = this.#item[key];
    if (typeof source !== "string" && typeof source !== "boolean") {
      this.#wrong(`${key} is missing`);
      return undefined;
    }
    const compiled = compileExpression(String(source), { variables: ["object"] });
    if ("error" in compiled) {
      this.#wrong(`${key}, line ${compiled.line}, column ${compiled.column}: ${compiled.error}`);
      return undefined;
    }
    const { type } = compiled.expression;
    if (type.kind !== "any" && type.kind !== wanted)
      this.#wrong(`${key} must return a value of type ${wanted}, not ${typeText(type)}`);
    return compiled.expression;
  }

  #wrong(mistake: string): void {
    this.mistakes.push(`${this.#place}: ${mistake}`);
  }
}
