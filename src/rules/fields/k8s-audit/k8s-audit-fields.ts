import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf } from "../json/field-rows.ts";
import { type GeneralFieldOptions, generalFields } from "../json/general-fields.ts";
import { jsonRows } from "../json/json-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { auditRows } from "./audit-rows.ts";
import { containerRows } from "./container-rows.ts";

/**
 * The fields of the source `k8s_audit`: `ka.*`, and those of any JSON. The `ka.*` fields follow the k8saudit plugin of
 * Falco, save where it never gives what its documentation says: `ka.sourceips`, `eff_run_as_user`, `eff_run_as_group`,
 * `ka.req.volume.hostpath`.
 */
export function k8sAuditFields(options: GeneralFieldOptions = {}): FieldCatalogue<JsonRuleEvent> {
  return catalogueOf([
    ...generalFields({ plugin: "k8saudit", ...options }),
    ...jsonRows(),
    ...auditRows(),
    ...containerRows(),
  ]);
}
