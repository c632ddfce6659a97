import list from "../../../../data/kernel-events/fields.json" with { type: "json" };
import { ConditionError } from "../../language/condition.ts";
import type { FieldCatalogue, FieldDefinition, ResolvedField } from "../../language/field.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { Generation } from "../../state/kernel-state.ts";
import { accountFields } from "./account-fields.ts";
import { ancestorFields } from "./ancestor-fields.ts";
import { argumentFields } from "./argument-fields.ts";
import { containerFields, podFields } from "./container-fields.ts";
import { descriptorFields } from "./descriptor-fields.ts";
import { eventFacts } from "./event-facts.ts";
import { eventTypeFields } from "./event-type-fields.ts";
import type { DomainNames, FieldArgument, FieldContext, FieldMaker, FieldReader } from "./field-reader.ts";
import { ioFields } from "./io-fields.ts";
import { openFields } from "./open-fields.ts";
import { pathFields } from "./path-fields.ts";
import { pollFields } from "./poll-fields.ts";
import { processFields } from "./process-fields.ts";
import { processorFields } from "./processor-fields.ts";
import { rareFields } from "./rare-fields.ts";
import { socketFields } from "./socket-fields.ts";
import { syslogFields } from "./syslog-fields.ts";
import { timeFields } from "./time-fields.ts";

/** What the fields of kernel events need to know that no event says. */
export interface SyscallFieldOptions {
  /** The set of fields: those of Falco 0.44 (`head`), or of 0.40 with its own container fields and enter events. */
  readonly generation: Generation;
  /** IANA name of the time zone in which times print; UTC when absent. */
  readonly timeZone?: string;
  /** `evt.hostname`; that of the machine of the snapshot when absent. */
  readonly hostname?: string;
  /** Domain names as they were looked up; without them `fd.sip.name` and its like are missing. */
  readonly domainNames?: DomainNames;
}

/** A row of the list of fields; one with a generation exists in that only. */
type Row = FieldDefinition & { readonly generation?: Generation };

const rows = list as readonly unknown[] as readonly Row[];

const makers: Readonly<Record<string, FieldMaker>> = {
  ...timeFields,
  ...eventTypeFields,
  ...argumentFields,
  ...ioFields,
  ...openFields,
  ...pathFields,
  ...rareFields,
  ...processFields,
  ...ancestorFields,
  ...processorFields,
  ...accountFields,
  ...descriptorFields,
  ...socketFields,
  ...pollFields,
  ...containerFields,
  ...podFields,
  ...syslogFields,
};

/** Values that Falco no longer fills: known by name, always missing. */
const missing: FieldMaker = () => ({ extract: () => undefined });

/**
 * The fields of the source `syscall`, as Falco names them: those of falcosecurity/libs and of its container plug-in.
 */
export function syscallFields(options: SyscallFieldOptions): FieldCatalogue<KernelEvent> {
  const { generation, timeZone = "UTC", hostname, domainNames } = options;
  const context: FieldContext = {
    generation,
    timeZone,
    hostname,
    domainNames,
    facts: eventFacts(generation),
    cleansText: generation !== "head",
  };
  const definitions = rows
    .filter((row) => (row.generation ?? generation) === generation)
    .map((row) => (generation === "head" ? row : asInOlder(row)));
  const byName = new Map(definitions.map((definition) => [definition.name, definition]));
  return {
    definitions,
    resolve: (name, argument) => {
      const definition = byName.get(name);
      if (definition !== undefined)
        return resolved(
          definition,
          { written: written(name, argument), bracketed: argument, dotted: undefined },
          context,
        );
      const family = familyOf(name, byName);
      if (family === undefined) return undefined;
      const dotted = name.slice(family.name.length + 1);
      return resolved(family, { written: written(name, argument), bracketed: argument, dotted }, context);
    },
  };
}

function written(name: string, argument: string | undefined): string {
  return argument === undefined ? name : `${name}[${argument}]`;
}

/**
 * The field of which the name is the first part, as of `evt.arg.flags`: the longest of those that take something behind
 * a dot.
 */
function familyOf(name: string, byName: ReadonlyMap<string, FieldDefinition>): FieldDefinition | undefined {
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const definition = byName.get(name.slice(0, dot));
    if (definition?.argument !== undefined || definition?.name === "evt.abspath") return definition;
  }
  return undefined;
}

function resolved(
  definition: FieldDefinition,
  argument: FieldArgument,
  context: FieldContext,
): ResolvedField<KernelEvent> | undefined {
  if (argument.bracketed !== undefined && definition.argument === undefined) return undefined;
  const reader: FieldReader | undefined = (makers[definition.name] ?? missing)(argument, context);
  if (reader === undefined) return undefined;
  if (
    definition.argument?.isRequired === true &&
    argument.bracketed === undefined &&
    argument.dotted === undefined &&
    definition.name !== "evt.abspath"
  ) {
    throw new ConditionError(`filter syntax error: ${argument.written}`);
  }
  const { extract, type = definition.type, typeIn, print, json, comparison } = reader;
  return {
    definition,
    argument: argument.bracketed,
    type,
    isList: definition.isList === true,
    extract,
    ...(typeIn && { typeIn }),
    ...(print && { print }),
    ...(json && { json }),
    ...(comparison && { comparison }),
  };
}

/** The few rows that libsinsp 0.20 had in another form. */
function asInOlder(row: Row): FieldDefinition {
  return row.name === "container.start_ts" ? { ...row, type: "UINT64" } : row;
}
