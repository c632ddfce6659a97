import { type Priority, parsePriority } from "../../model/events/alert.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import {
  optionalFlag,
  optionalNumber,
  optionalText,
  requiredText,
  structureError,
  textSequence,
} from "./item-values.ts";
import type { LoadContext } from "./load-context.ts";
import type { LoadMessages } from "./load-messages.ts";
import { readExceptions } from "./read-exceptions.ts";
import { readExtension } from "./read-extension.ts";
import { type Override, readAppendFlag, readOverride, refuseBoth } from "./read-override.ts";
import { child, type YamlNode } from "./read-yaml.ts";
import type { RuleCollection } from "./rule-collection.ts";
import type { RuleUpdate } from "./rule-definition.ts";

const appendable = ["condition", "output", "desc", "tags", "exceptions"];
const replaceable = [
  "condition",
  "output",
  "desc",
  "priority",
  "capture",
  "capture_duration",
  "tags",
  "exceptions",
  "enabled",
  "warn_evttypes",
  "skip-if-unknown-filter",
];
const keys = [...replaceable, "rule", "source", "override", "append", "plimsoll"];

const deprecatedEnabled =
  "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace').";

/** What reading an item changes. */
export interface Reading {
  readonly collection: RuleCollection;
  readonly messages: LoadMessages;
  /** The file. */
  readonly context: LoadContext;
}

interface RuleItem {
  readonly item: YamlNode;
  readonly name: string;
  /** Empty: not told. */
  readonly source: string;
  readonly context: LoadContext;
  readonly messages: LoadMessages;
  readonly collection: RuleCollection;
}

/** Reads a rule, or what appends to one, replaces parts of one, or turns one on or off. Error: a `LoadError`. */
export function readRule(item: YamlNode, { collection, messages, context: file }: Reading): void {
  const name = requiredText(item, "rule", file.at(item, "rule"));
  const context = file.at(item, "rule", name);
  const source = optionalText(item, "source", { context, presence: "may be empty" }) ?? "";
  const rule = { item, name, source, context, messages, collection };
  const hasAppendFlag = readAppendFlag(item, { messages, context });
  const override = readOverride(item, { appendable, replaceable, context });
  refuseBoth(hasAppendFlag, override, context);
  if (override.append.size + override.replace.size > 0) readOverriding(rule, override);
  else if (hasAppendFlag) collection.appendRule(oldAppend(rule));
  else if (["condition", "output", "desc", "priority"].some((key) => child(item, key))) defineRule(rule);
  else {
    const isEnabled = optionalFlag(item, "enabled", context);
    if (isEnabled === undefined) throw structureError("Item has no mapping for key 'enabled'", context);
    messages.warn("LOAD_DEPRECATED_ITEM", deprecatedEnabled, context);
    collection.enableRule({ name, isEnabled, context });
  }
  const extension = readExtension(item, context);
  if (extension) collection.extendRule(name, extension);
  messages.warnOfUnknownKeys(item, keys, context);
}

function defineRule({ item, name, context, messages, collection }: RuleItem): void {
  const condition = requiredText(item, "condition", context);
  const output = requiredText(item, "output", context);
  const description = requiredText(item, "desc", context);
  const priority = readPriority(item, context);
  const source = optionalText(item, "source", { context, presence: "optional" }) ?? "syscall";
  const rule = {
    name,
    context,
    condition,
    conditionContext: context.at(child(item, "condition") ?? item, "rule condition"),
    output: trimEnd(output.replace(/^[ \t\r\n]+/, ""), " \t\r\n"),
    outputContext: context.at(child(item, "output") ?? item, "rule output"),
    description,
    priority,
    source,
    isEnabled: optionalFlag(item, "enabled", context) ?? true,
    capture: optionalFlag(item, "capture", context) ?? false,
    captureDuration: optionalNumber(item, "capture_duration", context) ?? 0,
    warnsOfEventTypes: optionalFlag(item, "warn_evttypes", context) ?? true,
    skipsUnknownFilters: optionalFlag(item, "skip-if-unknown-filter", context) ?? false,
    tags: new Set(readTags(item, context)),
    exceptions: readExceptions(item, { isAppended: false, messages, context }),
    extension: undefined,
    appended: [],
  };
  collection.defineRule(rule, () => {
    messages.warn("LOAD_UNKNOWN_SOURCE", `Unknown source ${source}, skipping`, context);
  });
}

/** With `append: true` only these two keys count. */
function oldAppend({ item, name, source, context, messages }: RuleItem): RuleUpdate {
  return {
    name,
    context,
    source,
    condition: child(item, "condition") && requiredText(item, "condition", context),
    exceptions: child(item, "exceptions") && readExceptions(item, { isAppended: true, messages, context }),
  };
}

function readOverriding(rule: RuleItem, override: Override): void {
  const { item, context, collection } = rule;
  // Each key must be reported once; keys that are reported twice are missing the second time.
  const untold = new Set(replaceable.filter((key) => child(item, key)));
  if (override.append.size > 0) {
    collection.appendRule(readUpdate(rule, { how: "append", keys: override.append, untold }));
  }
  if (override.replace.size > 0) {
    collection.replaceInRule(readUpdate(rule, { how: "replace", keys: override.replace, untold }));
  }
  const [forgotten] = [...untold].sort();
  const node = forgotten === undefined ? undefined : child(item, forgotten);
  if (forgotten === undefined || !node) return;
  throw structureError(
    `Unexpected key '${forgotten}': no corresponding entry under 'override' is defined.`,
    context.at(node, "overrides", forgotten),
  );
}

function readUpdate(
  { item, name, source, context, messages }: RuleItem,
  {
    how,
    keys: wanted,
    untold,
  }: { readonly how: "append" | "replace"; readonly keys: ReadonlySet<string>; readonly untold: Set<string> },
): RuleUpdate {
  /** The value of a key that `override` names; `undefined` for any other. */
  const take = <T>(key: string, read: () => T): T | undefined => {
    if (!wanted.has(key)) return undefined;
    if (!untold.delete(key)) {
      throw structureError(`An ${how} override for '${key}' was specified but '${key}' is not defined`, context);
    }
    return read();
  };
  return {
    name,
    context,
    // Falco compares the sources only when the condition changes.
    source: wanted.has("condition") ? source : "",
    condition: take("condition", () => requiredText(item, "condition", context)),
    exceptions: take("exceptions", () => readExceptions(item, { isAppended: how === "append", messages, context })),
    output: take("output", () => requiredText(item, "output", context)),
    description: take("desc", () => requiredText(item, "desc", context)),
    tags: take("tags", () => readTags(item, context)),
    priority: take("priority", () => readPriority(item, context)),
    capture: take("capture", () => optionalFlag(item, "capture", context) ?? false),
    captureDuration: take("capture_duration", () => optionalNumber(item, "capture_duration", context) ?? 0),
    isEnabled: take("enabled", () => optionalFlag(item, "enabled", context) ?? true),
    warnsOfEventTypes: take("warn_evttypes", () => optionalFlag(item, "warn_evttypes", context) ?? true),
    skipsUnknownFilters: take(
      "skip-if-unknown-filter",
      () => optionalFlag(item, "skip-if-unknown-filter", context) ?? false,
    ),
  };
}

function readTags(item: YamlNode, context: LoadContext): string[] {
  return textSequence(item, "tags", { context, presence: "optional" }) ?? [];
}

function readPriority(item: YamlNode, context: LoadContext): Priority {
  const text = requiredText(item, "priority", context);
  const priority = parsePriority(text);
  if (!priority) throw structureError("Invalid priority", context.at(child(item, "priority") ?? item, "rule priority"));
  return priority;
}
