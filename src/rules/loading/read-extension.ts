import { type LoadContext, LoadError } from "./load-context.ts";
import { parseDuration } from "./parse-duration.ts";
import { child, type YamlNode } from "./read-yaml.ts";
import type { RuleExtension } from "./rule-set.ts";

// The keys under `plimsoll:` of a rule, which Falco ignores:
//
//   plimsoll:
//     threshold: { count: 5, within: 30s, by: [proc.pid] }
//     sequence: { after: [First rule, Second rule], within: 5m, by: [container.id] }
//     deduplicate: { within: 1h, by: [proc.name] }
//     action: What to do about an alert.

const maxDuration = 366 * 86_400_000;
const maxCount = 1_000_000;
const maxEntries = 100;

/**
 * The keys that only Plimsoll reads; `undefined` when the rule does not have them. Error: a {@link LoadError} for what
 * they cannot say.
 */
export function readExtension(rule: YamlNode, context: LoadContext): RuleExtension | undefined {
  const all = partOf({ node: rule, context }, "plimsoll");
  if (!all) return undefined;
  checkKeys(all, ["threshold", "sequence", "deduplicate", "action"]);
  const threshold = partOf(all, "threshold");
  const sequence = partOf(all, "sequence");
  const deduplicate = partOf(all, "deduplicate");
  const action = partOf(all, "action");
  return {
    ...(threshold && { threshold: readThreshold(threshold) }),
    ...(sequence && { sequence: readSequence(sequence) }),
    ...(deduplicate && { deduplicate: readDeduplicate(deduplicate) }),
    ...(action && { action: readText(action) }),
  };
}

/** A node with its place. */
interface Part {
  readonly node: YamlNode;
  readonly context: LoadContext;
}

function readThreshold(part: Part): NonNullable<RuleExtension["threshold"]> {
  checkKeys(part, ["count", "within", "by"]);
  return { count: readCount(required(part, "count")), within: readDuration(part), by: readTexts(partOf(part, "by")) };
}

function readSequence(part: Part): NonNullable<RuleExtension["sequence"]> {
  checkKeys(part, ["after", "within", "by"]);
  const after = readTexts(required(part, "after"));
  if (after.length === 0) throw refused("'after' must have the name of a rule", part);
  return { after, within: readDuration(part), by: readTexts(partOf(part, "by")) };
}

function readDeduplicate(part: Part): NonNullable<RuleExtension["deduplicate"]> {
  checkKeys(part, ["within", "by"]);
  return { within: readDuration(part), by: readTexts(partOf(part, "by")) };
}

function partOf({ node, context }: Part, key: string): Part | undefined {
  const value = child(node, key);
  return value && { node: value, context: context.at(value, "extension item", key) };
}

function required(part: Part, key: string): Part {
  const found = partOf(part, key);
  if (!found) throw refused(`'${key}' is missing`, part);
  return found;
}

function checkKeys(part: Part, known: readonly string[]): void {
  if (part.node.kind !== "mapping") throw refused(`expected the keys ${known.join(", ")}`, part);
  for (const [key] of part.node.pairs) {
    const name = key.kind === "scalar" ? key.text : "";
    if (known.includes(name)) continue;
    const context = part.context.at(key, "extension item", name);
    throw refused(`unknown key '${name}'; allowed keys: ${known.join(", ")}`, { node: key, context });
  }
}

function readCount(part: Part): number {
  const text = readText(part);
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > maxCount) throw refused(`'${text}' is not a count from 1 to ${maxCount}`, part);
  return count;
}

function readDuration(whole: Part): number {
  const part = required(whole, "within");
  const text = readText(part);
  const duration = parseDuration(text) ?? 0;
  if (duration < 1 || duration > maxDuration) {
    throw refused(`'${text}' is not a duration like 500ms, 30s, 5m, 12h or 7d, at most 366d`, part);
  }
  return duration;
}

function readTexts(part: Part | undefined): string[] {
  if (!part) return [];
  const { node, context } = part;
  if (node.kind === "scalar") return [readText(part)];
  if (node.kind !== "sequence") throw refused("expected a list", part);
  if (node.items.length > maxEntries) throw refused(`at most ${maxEntries} entries are allowed`, part);
  return node.items.map((item) => readText({ node: item, context: context.at(item, "extension item") }));
}

function readText(part: Part): string {
  if (part.node.kind !== "scalar" || part.node.text.trim() === "") throw refused("expected a text", part);
  return part.node.text.trim();
}

function refused(message: string, { context }: Part): LoadError {
  return new LoadError("LOAD_ERR_EXTENSION", message, context);
}
