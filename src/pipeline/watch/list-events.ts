import type { AlertValue } from "../../model/events/alert.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { comparedNames } from "../../rules/fields/syscall/compared-names.ts";
import { syscallFields } from "../../rules/fields/syscall/syscall-fields.ts";
import { ConditionCompiler } from "../../rules/language/condition-compiler.ts";
import type { FieldCatalogue } from "../../rules/language/field.ts";
import { FormatCompiler } from "../../rules/language/format-compiler.ts";
import { parseCondition } from "../../rules/language/parse-condition.ts";
import type { KernelEvent } from "../../rules/state/kernel-event.ts";
import { type Generation, KernelState } from "../../rules/state/kernel-state.ts";
import { stateOfBatch } from "../../rules/state/state-of-batch.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { asUsage } from "./as-usage.ts";
import { ComparedDomainNames, type DomainNameOptions } from "./compared-domain-names.ts";

/** Which events of a capture are wanted, and how. */
export interface EventListOptions {
  /** A condition in the language of the rules; absent: all events. */
  readonly filter?: string;
  /** An output format; an event that lacks one of its values is left out unless the format begins with `*`. */
  readonly format: string;
  /** What the text of an event shows of the text of a value; absent: all of it as it is. */
  readonly shown?: (value: string) => string;
  readonly generation: Generation;
  readonly domainNames: DomainNameOptions;
  /** Told of a capture that is damaged or cut off. */
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

interface MatchingOptions extends Omit<EventListOptions, "format" | "shown"> {
  readonly compared: ComparedDomainNames;
}

/** An event that was asked for. */
export interface ListedEvent {
  readonly text: string;
  readonly fields: readonly (readonly [name: string, value: AlertValue])[];
}

/**
 * Hands out the events of a capture in runs. `path` `-` is stdin. Errors: `usage` for a filter or a format that cannot
 * be read, and those of opening a capture.
 */
export async function* listEvents(path: string, options: EventListOptions): AsyncGenerator<readonly ListedEvent[]> {
  const { generation, shown } = options;
  using compared = new ComparedDomainNames(options.domainNames);
  const catalogue = catalogueOf(generation, compared);
  const format = asUsage({ what: "the output format", text: options.format }, () =>
    new FormatCompiler<KernelEvent>(catalogue, { generation, ...(shown && { shown }) }).compile(options.format),
  );
  for await (const { state, matching } of matchingEvents(path, { ...options, compared })) {
    const listed: ListedEvent[] = [];
    for (const _ of matching) {
      const { text, isComplete } = format.render(state.event);
      if (isComplete || options.format.startsWith("*")) listed.push({ text, fields: format.values(state.event) });
    }
    if (listed.length > 0) yield listed;
  }
}

/** How many events of a capture fulfil the filter. Errors as for {@link listEvents}. */
export async function countEvents(path: string, options: Omit<EventListOptions, "format" | "shown">): Promise<number> {
  let count = 0;
  using compared = new ComparedDomainNames(options.domainNames);
  for await (const { matching } of matchingEvents(path, { ...options, compared })) for (const _ of matching) count++;
  return count;
}

function catalogueOf(generation: Generation, { names }: ComparedDomainNames): FieldCatalogue<KernelEvent> {
  return syscallFields({ generation, ...(names && { domainNames: names }) });
}

/** Batch by batch, a walk over the events that match: at each step the event of `state` is one of them. */
async function* matchingEvents(
  path: string,
  { filter, generation, signal, problem, compared }: MatchingOptions,
): AsyncGenerator<{ readonly state: KernelState; readonly matching: Iterable<void> }> {
  const compiler = new ConditionCompiler<KernelEvent>(catalogueOf(generation, compared), { generation });
  const wanted =
    filter === undefined
      ? undefined
      : asUsage({ what: "the filter", text: filter }, () => {
          const condition = parseCondition(filter, { generation });
          return { condition, matches: compiler.compile(condition) };
        });
  const names = wanted ? [...comparedNames(wanted.condition)] : [];
  await compared.use(new Map(names.map((name) => [name, ["the filter"]])), signal);
  const source = await openCapture(path, { generation, problem, signal });
  let state = new KernelState(source.snapshot, generation);
  for await (const batch of source.events(signal)) {
    state = stateOfBatch(state, batch);
    const matching = function* (): Generator<void> {
      for (let index = 0; index < batch.count; index++) {
        if (state.advance(batch, index) && wanted?.matches(state.event) !== false) yield;
      }
    };
    yield { state, matching: matching() };
  }
}
