import { jsonFields } from "../../src/rules/fields/json/json-fields.ts";
import { k8sAuditFields } from "../../src/rules/fields/k8s-audit/k8s-audit-fields.ts";
import { syscallFields } from "../../src/rules/fields/syscall/syscall-fields.ts";
import { ConditionError } from "../../src/rules/language/condition.ts";
import type { FieldCatalogue, FieldDefinition } from "../../src/rules/language/field.ts";
import type { RuleSource } from "../../src/rules/loading/rule-source.ts";
import { corpusJson } from "./corpus.ts";

/** The source `syscall` without the fields of the container plugin, as Falco's own tests of its loader have it. */
export function bareSyscallSource(): RuleSource {
  const all: FieldCatalogue<never> = syscallFields({ generation: "head" });
  const isOther = (name: string) => /^(?:container|k8s)\./.test(name);
  const definitions = all.definitions.filter(({ name }) => !isOther(name));
  const catalogue: FieldCatalogue<never> = {
    definitions,
    resolve: (name, argument) => (isOther(name) ? undefined : all.resolve(name, argument)),
  };
  return { catalogue, hasEventTypes: true };
}

/** All sources that rule files of the corpus have rules for. */
export function everySource(): (name: string) => RuleSource | undefined {
  const sources = new Map<string, RuleSource>([
    ["syscall", { catalogue: syscallFields({ generation: "head" }), hasEventTypes: true }],
    ["k8s_audit", { catalogue: k8sAuditFields({ plugin: "k8saudit" }) }],
    ["aws_cloudtrail", { catalogue: pluginFields("cloudtrail") }],
    ["github", { catalogue: pluginFields("github") }],
    ["okta", { catalogue: pluginFields("okta") }],
  ]);
  return (name) => sources.get(name);
}

interface PluginField {
  readonly class: string;
  readonly name: string;
  readonly type: "string" | "uint64";
  readonly flags?: readonly string[];
  readonly arg?: { readonly required: boolean; readonly index: boolean; readonly key: boolean };
}

/** The fields of a plugin that Plimsoll does not have, always missing, beside those of every JSON event. */
function pluginFields(plugin: string): FieldCatalogue<never> {
  const { cases } = corpusJson<{ cases: readonly PluginField[] }>("runtime", "fields", "plugin-fields.json");
  const own = cases.filter((field) => field.class === plugin).map(definition);
  const general: FieldCatalogue<never> = jsonFields({ plugin: "json" });
  return {
    definitions: [...own, ...general.definitions],
    resolve(name, argument) {
      const found = own.find((field) => field.name === name);
      if (!found) return general.resolve(name, argument);
      if (argument !== undefined && !found.argument) throw new ConditionError(`the field ${name} has no argument`);
      const isList = found.isList === true && argument === undefined;
      return { definition: found, argument, type: found.type, isList, extract: () => undefined };
    },
  };
}

function definition({ class: group, name, type, flags = [], arg }: PluginField): FieldDefinition {
  return {
    name,
    group,
    type: type === "string" ? "CHARBUF" : "UINT64",
    format: type === "string" ? "NA" : "DEC",
    description: "",
    isList: flags.includes("IS_LIST"),
    ...(arg && { argument: { isRequired: arg.required, isIndex: arg.index, isKey: arg.key } }),
  };
}
