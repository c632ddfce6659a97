import type { FieldDefinition } from "../language/field.ts";
import type { RuleDefinition } from "./rule-definition.ts";
import type { ExtraField } from "./rule-set.ts";

/**
 * One entry of `append_output` of Falco's configuration: what is added to the output of each rule that `match` fits.
 */
export interface AppendOutput {
  /** All that it names must fit; a rule must have all the tags. Absent: every rule. */
  readonly match?: { readonly rule?: string; readonly source?: string; readonly tags?: readonly string[] };
  /** Added to the output format after a blank. */
  readonly extraOutput?: string;
  /** Fields added to the JSON form: a field by its name, or a format under a name of its own. */
  readonly extraFields?: readonly (string | Readonly<Record<string, string>>)[];
  /** Adds the fields that the source of the rule suggests, as `container_name=%container.name`. */
  readonly suggestedOutput?: boolean;
}

/** A rule's output format and extra fields after all entries that fit it. */
export function appendOutputs(
  rule: RuleDefinition,
  { entries, fields }: { readonly entries: readonly AppendOutput[]; readonly fields: readonly FieldDefinition[] },
): { readonly output: string; readonly extraFields: readonly ExtraField[] } {
  let output = rule.output;
  const extraFields = new Map<string, ExtraField>();
  for (const entry of entries) {
    if (!fits(entry, rule)) continue;
    if (entry.extraOutput) output += ` ${entry.extraOutput}`;
    const suggested = entry.suggestedOutput ? fields.filter(({ isSuggestedOutput }) => isSuggestedOutput) : [];
    for (const { name } of suggested) output += ` ${name.replaceAll(".", "_")}=%${name}`;
    for (const extra of entry.extraFields ?? []) {
      if (typeof extra === "string") extraFields.set(extra, { name: extra, format: `%${extra}`, isRaw: true });
      else for (const [name, format] of Object.entries(extra)) extraFields.set(name, { name, format, isRaw: false });
    }
  }
  return { output, extraFields: [...extraFields.values()] };
}

function fits({ match = {} }: AppendOutput, rule: RuleDefinition): boolean {
  const { rule: name = "", source = "", tags = [] } = match;
  return (
    (name === "" || name === rule.name) &&
    (source === "" || source === rule.source) &&
    tags.every((tag) => rule.tags.has(tag))
  );
}
