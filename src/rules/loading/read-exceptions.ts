import { requiredText, structureError } from "./item-values.ts";
import type { LoadContext } from "./load-context.ts";
import type { LoadMessages } from "./load-messages.ts";
import { child, type YamlNode } from "./read-yaml.ts";
import type { ExceptionDefinition, ExceptionEntry } from "./rule-definition.ts";

// Entries are a text, a list of texts, or a list with lists of texts; deeper ones mean nothing and are not followed.
const maxDepth = 2;

/**
 * The exceptions of a rule. When they are appended, the fields may be missing, since the rule may have them already.
 * Error: a `LoadError` for what is not in the form of an exception.
 */
export function readExceptions(
  rule: YamlNode,
  options: { readonly isAppended: boolean; readonly messages: LoadMessages; readonly context: LoadContext },
): ExceptionDefinition[] {
  const { isAppended, messages, context } = options;
  const node = child(rule, "exceptions");
  if (!node || node.kind === "null") return [];
  const here = context.at(node, "exceptions");
  if (node.kind !== "sequence") throw structureError("Rule exceptions must be a sequence", here);
  const names = new Set<string>();
  return node.items.map((item) => {
    const nameless = here.at(item, "exception");
    if (item.kind !== "mapping") throw structureError("Rule exception must be a mapping", nameless);
    const name = requiredText(item, "name", nameless);
    const exceptionContext = context.at(item, "exception", name);
    if (names.has(name)) {
      const message = `Multiple definitions of exception '${name}' in the same rule`;
      messages.warn("LOAD_EXCEPTION_NAME_NOT_UNIQUE", message, exceptionContext);
    }
    names.add(name);
    const fields = readPart(item, "fields", exceptionContext);
    if (fields === undefined && !isAppended)
      throw structureError("Item has no mapping for key 'fields'", exceptionContext);
    const operators = readPart(item, "comps", exceptionContext) ?? "";
    const values = readValues(item, exceptionContext);
    if (!values && isAppended) {
      messages.warn("LOAD_APPEND_NO_VALUES", "Overriding/appending exception with no values", exceptionContext);
    }
    return { name, context: exceptionContext, fields: fields ?? "", operators, values: values ?? [] };
  });
}

function readPart(item: YamlNode, key: string, context: LoadContext): ExceptionEntry | undefined {
  const node = child(item, key);
  return node && readEntry(node, { context: context.at(node, "value for", key), depth: 1 });
}

function readValues(item: YamlNode, context: LoadContext): ExceptionEntry[] | undefined {
  const node = child(item, "values");
  if (!node) return undefined;
  const here = context.at(node, "exception values");
  if (node.kind !== "sequence") throw structureError("Rule exception values must be a sequence", here);
  return node.items.map((value) => {
    const valueContext = here.at(value, "exception value").at(value, "value for");
    return readEntry(value, { context: valueContext, depth: 1 });
  });
}

function readEntry(node: YamlNode, { context, depth }: { context: LoadContext; depth: number }): ExceptionEntry {
  if (node.kind === "scalar") {
    if (node.text === "") throw structureError("Value must be non-empty", context);
    return node.text;
  }
  if (node.kind !== "sequence" || depth > maxDepth) return "";
  return node.items.map((item) => {
    // A place is worked out for those that need it only: values can be many.
    const inner =
      item.kind === "scalar" && item.text !== "" ? context : context.at(item, "exception").at(item, "value for");
    return readEntry(item, { context: inner, depth: depth + 1 });
  });
}
