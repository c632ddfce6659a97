import { parseNumber, requiredText, structureError, textSequence } from "./item-values.ts";
import type { LoadContext } from "./load-context.ts";
import type { LoadMessages } from "./load-messages.ts";
import { readAppendFlag, readOverride, refuseBoth } from "./read-override.ts";
import { type Reading, readRule } from "./read-rule.ts";
import { child, type YamlNode } from "./read-yaml.ts";
import type { RequiredPlugin } from "./rule-set.ts";
import { parseVersion, type Version } from "./version.ts";

const listName = "([^()\"'[:space:]=,]+)";
const macroName = "([a-zA-Z]+[a-zA-Z0-9_]*)";

/**
 * Reads one item of a rule file, whose first known key says what it is, into the collection. Error: a `LoadError` when
 * the item is not as it must be; what it has said already stays.
 */
export function readItem(item: YamlNode, reading: Reading): void {
  const { context: file, messages } = reading;
  if (item.kind !== "mapping") {
    const rule = "Each element should be a yaml associative array.";
    throw structureError(`Unexpected element type. ${rule}`, file.at(item, "rules content item"));
  }
  if (child(item, "required_engine_version")) readEngineVersion(item, reading);
  else if (child(item, "required_plugin_versions")) readPluginVersions(item, reading);
  else if (child(item, "list")) readList(item, reading);
  else if (child(item, "macro")) readMacro(item, reading);
  else if (child(item, "rule")) readRule(item, reading);
  else messages.warn("LOAD_UNKNOWN_ITEM", "Unknown top level item", file.at(item, "rules content item"));
}

function readEngineVersion(item: YamlNode, { collection, messages, context: file }: Reading): void {
  const context = file.at(item, "required_engine_version");
  const text = requiredText(item, "required_engine_version", context);
  const number = parseNumber(text);
  const version: Version | undefined = number === undefined ? parseVersion(text) : [0, number, 0];
  if (!version) {
    const expected = 'Expected "x.y.z" semver format.';
    throw structureError(`Unable to parse engine version '${text}' as a semver string. ${expected}`, context);
  }
  collection.requireEngine(version, context);
  messages.warnOfUnknownKeys(item, ["required_engine_version"], context);
}

function readPluginVersions(item: YamlNode, { collection, messages, context: file }: Reading): void {
  const versions = child(item, "required_plugin_versions") ?? item;
  const context = file.at(versions, "required plugin versions");
  if (versions.kind !== "sequence") {
    throw structureError("Value of required_plugin_versions must be a sequence", context);
  }
  for (const node of versions.items) {
    const nameless = context.at(node, "required plugin versions entry");
    if (node.kind !== "mapping") throw structureError("Plugin version must be a mapping", nameless);
    const name = requiredText(node, "name", nameless);
    const here = context.at(node, "required plugin versions entry", name);
    const version = requiredText(node, "version", here);
    collection.requirePlugin({ name, version, alternatives: readAlternatives(node, here) }, here);
  }
  messages.warnOfUnknownKeys(item, ["required_plugin_versions"], file.at(item, "required plugin versions"));
}

function readAlternatives(plugin: YamlNode, context: LoadContext): RequiredPlugin["alternatives"] {
  const alternatives = child(plugin, "alternatives");
  if (!alternatives) return [];
  if (alternatives.kind !== "sequence") {
    throw structureError("Value of plugin version alternatives must be a sequence", context);
  }
  return alternatives.items.map((node) => {
    const nameless = context.at(node, "required plugin versions alternative");
    if (node.kind !== "mapping") throw structureError("Plugin version alternative must be a mapping", nameless);
    const name = requiredText(node, "name", nameless);
    const here = context.at(node, "required plugin versions alternative", name);
    return { name, version: requiredText(node, "version", here) };
  });
}

function readList(item: YamlNode, { collection, messages, context: file }: Reading): void {
  const name = requiredText(item, "list", file.at(item, "list"));
  const context = file.at(item, "list", name);
  if (!/^[^()"'\s=,]+$/.test(name)) {
    const message = `List has an invalid name. List names should match a regular expression: ${listName}`;
    messages.warn("LOAD_INVALID_LIST_NAME", message, context);
  }
  const items = textSequence(item, "items", { context, presence: "required" }) ?? [];
  if (isAppended(item, { key: "items", messages, context })) collection.appendList({ name, items, context });
  else collection.defineList({ name, items, context });
  messages.warnOfUnknownKeys(item, ["list", "items", "append", "override"], context);
}

function readMacro(item: YamlNode, { collection, messages, context: file }: Reading): void {
  const name = requiredText(item, "macro", file.at(item, "macro"));
  const context = file.at(item, "macro", name);
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(name)) {
    const message = `Macro has an invalid name. Macro names should match a regular expression: ${macroName}`;
    messages.warn("LOAD_INVALID_MACRO_NAME", message, context);
  }
  const condition = requiredText(item, "condition", context);
  const conditionContext = context.at(child(item, "condition") ?? item, "macro condition");
  const macro = { name, condition, context, conditionContext, appended: [] };
  if (isAppended(item, { key: "condition", messages, context })) collection.appendMacro(macro);
  else collection.defineMacro(macro);
  messages.warnOfUnknownKeys(item, ["macro", "condition", "append", "override"], context);
}

/** Whether a list or a macro, which have one part each, asks to be appended to the earlier one. */
function isAppended(
  item: YamlNode,
  { key, messages, context }: { readonly key: string; readonly messages: LoadMessages; readonly context: LoadContext },
): boolean {
  const hasFlag = readAppendFlag(item, { messages, context });
  const override = readOverride(item, { appendable: [key], replaceable: [key], context });
  refuseBoth(hasFlag, override, context);
  return hasFlag || override.append.has(key);
}
