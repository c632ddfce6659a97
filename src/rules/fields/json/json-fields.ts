import { toByteString } from "../../language/byte-string.ts";
import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf, type FieldRow } from "./field-rows.ts";
import { type GeneralFieldOptions, generalFields, row } from "./general-fields.ts";
import type { JsonRuleEvent } from "./json-rule-event.ts";
import { jsonText } from "./json-text.ts";
import { pointerKeys, textOf, valueAt } from "./json-value.ts";

/**
 * The fields of the source `json`, any JSON: `jevt.*`, by their newer names also `json.*`, and `evt.*` for every event.
 */
export function jsonFields(options: GeneralFieldOptions = {}): FieldCatalogue<JsonRuleEvent> {
  return catalogueOf([...generalFields(options), ...jsonRows()]);
}

/** The rows of `jevt.*` and `json.*` (falcosecurity/plugins, json), which read from events of every JSON source. */
export function jsonRows(): FieldRow[] {
  return ["jevt", "json"].flatMap((prefix) => [
    {
      definition: {
        name: `${prefix}.value`,
        group: prefix,
        type: "CHARBUF",
        format: "NA",
        description: "Value at a JSON pointer (RFC 6901) in the event",
        argument: { isRequired: true, isKey: true },
      },
      bind(pointer) {
        if (pointer === undefined || pointer === "") return (event) => event.text;
        const keys = pointerKeys(pointer);
        return (event) => textOf(valueAt(event.value, keys));
      },
    } satisfies FieldRow,
    row(
      `${prefix}.obj`,
      ({ value }) => {
        const text = jsonText(value, 2);
        return text === undefined ? undefined : toByteString(text);
      },
      { description: "Complete event, as indented JSON" },
    ),
    row(`${prefix}.rawtime`, ({ event }) => event.time.toString(), {
      description: "Event time in nanoseconds since 1970, as text",
    }),
  ]);
}
