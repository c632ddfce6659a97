import type { Alert, AlertValue } from "../../model/events/alert.ts";
import type { RuleMatch } from "../alerts/match-key.ts";
import type { FieldCatalogue, RuleEvent } from "../language/field.ts";
import { FormatCompiler, type OutputFormat } from "../language/format-compiler.ts";
import type { Rule } from "../loading/rule-set.ts";

/** What an alert says of its event besides the fields of its rule. */
export interface AlertFacts<E> {
  /** Nanoseconds since 1970. */
  time(event: E): bigint;
  number(event: E): number;
  readonly hostname?: string;
}

/** An event that fulfils a rule. Valid until the next event is judged. */
export interface Match extends RuleMatch {
  readonly rule: Rule;
  /** What there is to say of it; a missing value prints as `<NA>`, and is null among the fields. */
  alert(): Alert;
}

/**
 * Makes alerts of rules and the events that fulfil them. Each output format is compiled when its rule first matches.
 */
export class AlertBuilder<E extends RuleEvent> {
  readonly #formats: FormatCompiler<E>;
  readonly #facts: AlertFacts<E>;
  readonly #compiled = new Map<Rule, CompiledOutput<E>>();
  /** Formats of one field each, for those that limits are counted by. */
  readonly #fields = new Map<string, OutputFormat<E>>();

  constructor(catalogue: FieldCatalogue<E>, facts: AlertFacts<E>) {
    this.#formats = new FormatCompiler<E>(catalogue);
    this.#facts = facts;
  }

  /** What can be asked of an event that fulfils the rule. */
  match(rule: Rule, event: E): Match {
    return {
      rule,
      time: this.#facts.time(event),
      value: (field) => this.#valueOf(field, event),
      alert: () => this.#alertOf(rule, event),
    };
  }

  #alertOf(rule: Rule, event: E): Alert {
    const { message, extras } = this.#outputOf(rule);
    const { time, number, hostname } = this.#facts;
    return {
      rule: rule.name,
      priority: rule.priority,
      source: rule.source,
      time: time(event),
      message: message.render(event).text,
      tags: rule.tags,
      fields: extras.length === 0 ? message.values(event) : withExtras(message.values(event), { extras, event }),
      ...(hostname !== undefined && { hostname }),
      eventNumber: number(event),
    };
  }

  #valueOf(field: string, event: E): AlertValue {
    let format = this.#fields.get(field);
    if (format === undefined) {
      format = this.#formats.compile(`%${field}`);
      this.#fields.set(field, format);
    }
    return format.values(event)[0]?.[1] ?? null;
  }

  #outputOf(rule: Rule): CompiledOutput<E> {
    let output = this.#compiled.get(rule);
    if (output === undefined) {
      const compile = (format: string): OutputFormat<E> =>
        this.#formats.compile(format.startsWith("*") ? format : `*${format}`);
      const { extraFields = [] } = rule;
      output = {
        message: compile(rule.output),
        extras: extraFields.map(({ name, isRaw, format }) => ({ name, isRaw, format: compile(format) })),
      };
      this.#compiled.set(rule, output);
    }
    return output;
  }
}

interface CompiledOutput<E extends RuleEvent> {
  readonly message: OutputFormat<E>;
  readonly extras: readonly CompiledExtra<E>[];
}

interface CompiledExtra<E extends RuleEvent> {
  readonly name: string;
  readonly isRaw: boolean;
  readonly format: OutputFormat<E>;
}

function withExtras<E extends RuleEvent>(
  fields: Alert["fields"],
  { extras, event }: { readonly extras: readonly CompiledExtra<E>[]; readonly event: E },
): Alert["fields"] {
  const all = new Map(fields);
  for (const { name, isRaw, format } of extras) {
    all.set(name, isRaw ? (format.values(event)[0]?.[1] ?? null) : format.render(event).text);
  }
  return [...all];
}
