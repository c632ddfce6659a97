import { cloudTrailFields } from "../../rules/fields/cloud/cloudtrail-fields.ts";
import { gcpAuditFields } from "../../rules/fields/cloud/gcp-audit-fields.ts";
import { githubFields } from "../../rules/fields/cloud/github-fields.ts";
import { oktaFields } from "../../rules/fields/cloud/okta-fields.ts";
import { jsonFields } from "../../rules/fields/json/json-fields.ts";
import type { JsonRuleEvent } from "../../rules/fields/json/json-rule-event.ts";
import { producerFields } from "../../rules/fields/json/producers/producer-fields.ts";
import { k8sAuditFields } from "../../rules/fields/k8s-audit/k8s-audit-fields.ts";
import { syscallFields } from "../../rules/fields/syscall/syscall-fields.ts";
import type { FieldCatalogue } from "../../rules/language/field.ts";
import type { RuleSource } from "../../rules/loading/load-rules.ts";
import type { Generation } from "../../rules/state/kernel-state.ts";

/** The sources of events that rules can be about, in the order in which they are listed. */
export const ruleSourceNames: readonly string[] = [
  "syscall",
  "k8s_audit",
  "aws_cloudtrail",
  "gcp_auditlog",
  "github",
  "okta",
  "falco",
  "tetragon",
  "tracee",
  "json",
];

/** What Falco would need a plugin for and is built in here, with the version whose behaviour is followed. */
export const builtInPlugins: readonly { readonly name: string; readonly version: string }[] = [
  { name: "container", version: "0.7.0" },
  { name: "k8saudit", version: "0.18.0" },
  { name: "cloudtrail", version: "0.17.1" },
  { name: "gcpaudit", version: "0.8.1" },
  { name: "github", version: "0.10.1" },
  { name: "okta", version: "0.12.0" },
  { name: "json", version: "0.7.4" },
];

/** The fields of a source whose events come as JSON; `undefined` when no such source is known. */
export function jsonCatalogue(source: string): FieldCatalogue<JsonRuleEvent> | undefined {
  switch (source) {
    case "k8s_audit":
      return k8sAuditFields({ plugin: "k8saudit" });
    case "aws_cloudtrail":
      return cloudTrailFields();
    case "gcp_auditlog":
      return gcpAuditFields();
    case "github":
      return githubFields();
    case "okta":
      return oktaFields();
    case "falco":
    case "tetragon":
    case "tracee":
      return producerFields(source);
    case "json":
      return jsonFields({ plugin: "json" });
    default:
      return undefined;
  }
}

/** By the rules of which sources events of JSON are judged: what other programs send is JSON as well. */
export function ruleSourcesFor(source: string): readonly string[] {
  return source === "k8s_audit" || source === "json" ? [source] : [source, "json"];
}

/** A source by name, as loading rules needs it; `undefined` when it is not known. */
export function ruleSource(name: string, generation: Generation): RuleSource | undefined {
  if (name === "syscall") return { catalogue: syscallFields({ generation }), hasEventTypes: true };
  const catalogue = jsonCatalogue(name);
  return catalogue && { catalogue };
}
