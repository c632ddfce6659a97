import type { FieldCatalogue } from "../../../language/field.ts";
import { catalogueOf, type Extract, type FieldRow } from "../field-rows.ts";
import { type GeneralFieldOptions, generalFields, row } from "../general-fields.ts";
import { jsonRows } from "../json-fields.ts";
import type { JsonRuleEvent } from "../json-rule-event.ts";
import { memberOf, textOf } from "../json-value.ts";
import type { CommonFacts, ReadFacts } from "./common-facts.ts";
import { type CommonField, commonFields, valueOfText } from "./common-fields.ts";
import { tetragonFacts } from "./tetragon-facts.ts";
import { traceeFacts } from "./tracee-facts.ts";

/** A program whose JSON events have fields of their own. */
export type ProducerName = "falco" | "tetragon" | "tracee";

/**
 * The fields of the sources `falco`, `tetragon` and `tracee`: the same common fields for all, under the names that they
 * have for kernel events, so that a rule need not know the producer; those of any JSON for all else
 * (`jevt.value[/process_exec/process/cwd]`); and for alerts of Falco `falco.*`. For alerts of Falco a common field is
 * the output field of that name.
 */
export function producerFields(
  producer: ProducerName,
  options: GeneralFieldOptions = {},
): FieldCatalogue<JsonRuleEvent> {
  const own = producer === "falco" ? falcoRows() : factRows(producer === "tetragon" ? tetragonFacts : traceeFacts);
  return catalogueOf([...generalFields(options), ...jsonRows(), ...own]);
}

function factRows(read: ReadFacts): FieldRow[] {
  // Fields of one event are read one after another.
  let event: JsonRuleEvent | undefined;
  let facts: CommonFacts = {};
  return commonFields.map((field) =>
    commonRow(field, (next) => {
      if (next !== event) {
        facts = read(next.value);
        event = next;
      }
      return field.read(facts);
    }),
  );
}

function falcoRows(): FieldRow[] {
  const member = (name: string): Extract => {
    return ({ value }) => textOf(memberOf(value, name));
  };
  return [
    ...commonFields.map((field) =>
      commonRow(field, ({ value }) => valueOfText(memberOf(memberOf(value, "output_fields"), field.name), field.type)),
    ),
    row("falco.rule", member("rule"), { description: "Name of the rule that raised the alert" }),
    row("falco.priority", member("priority"), { description: "Priority of the alert" }),
    row("falco.output", member("output"), { description: "Message of the alert" }),
    row("falco.source", member("source"), { description: "Source of the event behind the alert" }),
    row("falco.hostname", member("hostname"), { description: "Machine that sent the alert" }),
    {
      definition: {
        name: "falco.tags",
        group: "falco",
        type: "CHARBUF",
        format: "NA",
        description: "Tags of the rule that raised the alert",
        isList: true,
      },
      bind:
        () =>
        ({ value }) => {
          const tags = memberOf(value, "tags");
          return Array.isArray(tags) ? tags.map(textOf).filter((tag) => tag !== undefined) : undefined;
        },
    },
  ];
}

function commonRow({ name, description, type, format }: CommonField, extract: Extract): FieldRow {
  return row(name, extract, { description, type, format });
}
