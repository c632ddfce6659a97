import type { FieldCatalogue } from "../language/field.ts";

/** A source of events, as far as loading its rules needs it. */
export interface RuleSource {
  readonly catalogue: FieldCatalogue<never>;
  /** Its events have types (`evt.type`), so that a rule that matches too many of them is worth a warning. */
  readonly hasEventTypes?: boolean;
}
