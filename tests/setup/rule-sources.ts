import { ruleSource } from "../../src/pipeline/watch/rule-sources.ts";
import { syscallFields } from "../../src/rules/fields/syscall/syscall-fields.ts";
import type { FieldCatalogue } from "../../src/rules/language/field.ts";
import type { RuleSource } from "../../src/rules/loading/rule-source.ts";

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

/** All sources that rule files of the corpus have rules for, as the program has them. */
export function everySource(): (name: string) => RuleSource | undefined {
  return (name) => ruleSource(name, "head");
}
