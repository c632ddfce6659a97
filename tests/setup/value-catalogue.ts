import type {
  FieldCatalogue,
  FieldDefinition,
  FieldType,
  FieldValue,
  ResolvedField,
  RuleEvent,
} from "../../src/rules/language/field.ts";
import { corpusJson } from "./corpus.ts";

/** An event of tests that is nothing but the values of its fields, by the text of the field: `proc.aname[1]`. */
export interface ValueEvent extends RuleEvent {
  readonly values: ReadonlyMap<string, FieldValue | readonly FieldValue[] | undefined>;
}

/** What a test says of a field; all else is as usual. */
export type TestField = Partial<FieldDefinition> & { readonly type: FieldType };

/** Events with their own serial each. */
let serial = 0;

export function valueEvent(
  values: Readonly<Record<string, FieldValue | readonly FieldValue[] | undefined>>,
): ValueEvent {
  serial++;
  return { serial, values: new Map(Object.entries(values)) };
}

/** Fields that read from a {@link ValueEvent}: those given, by name and by name with argument, and `*` for all others. */
export function valueCatalogue(fields: Readonly<Record<string, TestField>>): FieldCatalogue<ValueEvent> {
  return {
    definitions: [],
    resolve(name, argument) {
      const text = argument === undefined ? name : `${name}[${argument}]`;
      const parameter = /^evt\.(?:raw)?arg(?=\.)/.exec(name)?.[0];
      const known = fields[text] ?? fields[name] ?? (parameter === undefined ? undefined : fields[parameter]);
      if (known === undefined) return undefined;
      return resolved(text, { name, group: "test", format: "NA", description: "", ...known }, argument);
    },
  };
}

function resolved(text: string, definition: FieldDefinition, argument: string | undefined): ResolvedField<ValueEvent> {
  const { type, isList = false } = definition;
  return { definition, argument, type, isList, extract: ({ values }) => values.get(text) };
}

interface CorpusField {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly flags?: readonly string[];
}

/** The fields of Falco's library with their types and what they refuse, without values. */
export function libraryFields(): Record<string, TestField> {
  return fieldsOf("fields.json");
}

/** The fields of Falco's plugins, the same way. */
export function pluginFields(): Record<string, TestField> {
  return fieldsOf("plugin-fields.json");
}

// Fields of plugins have the types of their interface.
const pluginTypes: Readonly<Record<string, FieldType>> = {
  string: "CHARBUF",
  uint64: "UINT64",
  bool: "BOOL",
  abstime: "ABSTIME",
  reltime: "RELTIME",
  DYNAMIC: "DYN",
};

function fieldsOf(file: string): Record<string, TestField> {
  const { cases } = corpusJson<{ cases: CorpusField[] }>("runtime", "fields", file);
  return Object.fromEntries(
    cases.map(({ name, type, format = "PF_NA", flags = [] }) => [
      name,
      {
        name,
        type: pluginTypes[type] ?? (type as FieldType),
        format: format.replace("PF_", "") as FieldDefinition["format"],
        isList: flags.includes("IS_LIST"),
        isNeverRight: flags.includes("NO_RHS"),
        isFilterOnly: flags.includes("FILTER_ONLY"),
        refusesTransformers: flags.includes("NO_TRANSFORMER"),
      },
    ]),
  );
}
