import { optionalFlag, structureError } from "./item-values.ts";
import { type LoadContext, LoadError } from "./load-context.ts";
import type { LoadMessages } from "./load-messages.ts";
import { child, type YamlNode } from "./read-yaml.ts";

/** The keys that an item appends to an earlier one, and those that it replaces. */
export interface Override {
  readonly append: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
}

/** What `override` of an item says. Error: a {@link LoadError} for a key or a word that is not allowed there. */
export function readOverride(
  item: YamlNode,
  options: {
    readonly appendable: readonly string[];
    readonly replaceable: readonly string[];
    readonly context: LoadContext;
  },
): Override {
  const append = new Set<string>();
  const replace = new Set<string>();
  const override = child(item, "override");
  const context = options.context.at(item, "overrides");
  if (override?.kind === "sequence" && override.items.length > 0) {
    throw new LoadError(
      "LOAD_ERR_VALIDATE",
      "The value of 'override' must be a mapping",
      context.at(override, "overrides"),
    );
  }
  if (override?.kind !== "mapping") return { append, replace };
  for (const [keyNode, wordNode] of override.pairs) {
    const key = wordOf(keyNode, context);
    const word = wordOf(wordNode, context);
    const isAppendable = options.appendable.includes(key);
    const isReplaceable = options.replaceable.includes(key);
    const here = context.at(keyNode, "overrides", key);
    if (word === "append") {
      if (!isAppendable) throw structureError(`Key '${key}' cannot be appended to, use 'replace' instead`, here);
      append.add(key);
    } else if (word === "replace") {
      if (!isReplaceable) throw structureError(`Key '${key}' cannot be replaced`, here);
      replace.add(key);
    } else {
      const allowed = `${isAppendable ? "append " : ""}${isReplaceable ? "replace " : ""}`;
      throw structureError(
        `Invalid override operation for key '${key}': '${word}'. Allowed values are: ${allowed}`,
        context.at(wordNode, "value for", key),
      );
    }
  }
  return { append, replace };
}

const deprecatedAppend =
  "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";

/** `append: true`, with its warning. */
export function readAppendFlag(
  item: YamlNode,
  { messages, context }: { readonly messages: LoadMessages; readonly context: LoadContext },
): boolean {
  if (!optionalFlag(item, "append", context)) return false;
  messages.warn("LOAD_DEPRECATED_ITEM", deprecatedAppend, context);
  return true;
}

/** Error: a {@link LoadError} when an item has both the old flag and the key that took its place. */
export function refuseBoth(hasFlag: boolean, override: Override, context: LoadContext): void {
  if (!hasFlag || override.append.size + override.replace.size === 0) return;
  const instead = "Add an 'append' entry (e.g. 'condition: append') under 'override' instead.";
  throw structureError(`Keys 'override' and 'append: true' cannot be used together. ${instead}`, context);
}

function wordOf(node: YamlNode, context: LoadContext): string {
  if (node.kind === "scalar") return node.text;
  if (node.kind === "null") return "null";
  throw new LoadError(
    "LOAD_ERR_VALIDATE",
    "The keys and values of 'override' must be words",
    context.at(node, "overrides"),
  );
}
