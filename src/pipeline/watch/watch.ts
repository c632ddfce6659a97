import { addAbortSignal, type Readable } from "node:stream";
import type { JsonEvent } from "../../model/events/json-event.ts";
import type { KernelEventBatch, KernelEventSource } from "../../model/events/kernel-event.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import type { Matching } from "../../rules/engine/rule-engine.ts";
import { namesComparedByRules } from "../../rules/fields/syscall/compared-names.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { Generation, KernelState } from "../../rules/state/kernel-state.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { type JsonLinesFormat, readJsonLines } from "../../sources/json-lines/read-json-lines.ts";
import { readK8sAuditFile } from "../../sources/k8s-audit/read-k8s-audit-file.ts";
import type { AlertFlow } from "./alert-flow.ts";
import { ComparedDomainNames, type DomainNameOptions } from "./compared-domain-names.ts";
import { JsonJudge } from "./json-judge.ts";
import { KernelJudge, type KernelJudgeOptions } from "./kernel-judge.ts";
import { ruleSourcesFor } from "./rule-sources.ts";
import { stateDropsProblem } from "./state-drops-problem.ts";
import type { Turn } from "./time-order.ts";

/** How events become matches. `lookUp` is for the domain names that rules about system calls compare. */
export interface WatchOptions extends DomainNameOptions {
  readonly rules: readonly Rule[];
  readonly matching: Matching;
  readonly generation: Generation;
  /** Host name in alerts; for kernel events that of their machine when absent. */
  readonly hostname?: string;
  readonly flow: AlertFlow;
  readonly metrics: AlertMetrics;
  /** Whether a metrics endpoint is served, so that a note may name a metric. */
  readonly servesMetrics?: boolean;
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
  /** With others beside it: this input waits for its turn. */
  readonly turn?: Turn;
  /** Called before each batch: the rules to judge by from then on, when they are others. */
  readonly newRules?: () => readonly Rule[] | undefined;
}

/**
 * Judges all events of a capture; `-` is stdin. What has no room in the state of the machine is noted when that begins,
 * and a problem with its number when the events end, however they do. Errors: those of opening a capture.
 */
export function watchCapture(path: string, options: WatchOptions): Promise<void> {
  return watchKernel(() => openCapture(path, options), { ...options, name: path });
}

/** Finds facts of containers while events are judged. */
interface ContainerFacts {
  /** For all containers of a new state. */
  complete(state: KernelState): Promise<void>;
  /** For the containers in which processes start in this batch; waits when there are new ones. */
  prepare(batch: KernelEventBatch): Promise<void> | undefined;
}

/** Kernel events of a source that may depend on the rules. */
export interface WatchedKernel extends KernelEventSource {
  readonly use?: (rules: readonly Rule[]) => void;
  /** Finds the facts of containers that the events do not tell. */
  readonly containers?: ContainerFacts;
}

/** Judges all events of this source, with the facts that it finds for their containers. */
export async function watchKernel(
  open: () => Promise<WatchedKernel>,
  options: WatchOptions & { readonly name: string },
): Promise<void> {
  const { flow, metrics, signal, newRules } = options;
  using compared = new ComparedDomainNames(options);
  const { judge, events, use, containers } = await openJudge(open, { ...options, domainNames: compared.names });
  await compared.use(namesComparedByRules(options.rules), signal);
  await containers?.complete(judge.state);
  metrics.watchState(() => judge.drops);
  let isComplete = true;
  const matched = flow.matched.bind(flow);
  try {
    for await (const batch of events(signal)) {
      const rules = newRules?.();
      if (rules) {
        await compared.use(namesComparedByRules(rules), signal);
        judge.use(rules);
        flow.use(rules);
        use?.(rules);
      }
      await containers?.prepare(batch);
      for await (const range of rangesOf(batch, options.turn)) {
        const count = judge.judge(batch, matched, range);
        await flow.endBatch("syscall", { events: count, time: judge.state.event.time });
      }
      if (batch.snapshot) await containers?.complete(judge.state);
      if (isComplete && Object.values(judge.drops).some((count) => count > 0)) {
        isComplete = false;
        options.note(
          "the machine has more threads or open descriptors than a watch can track: rules do not see the others",
          options.servesMetrics ? "The metric `plimsoll_state_dropped_total` counts them." : undefined,
        );
      }
    }
  } finally {
    flow.endSource("syscall");
    const problem = stateDropsProblem(judge.drops, options.name);
    if (problem) options.problem(problem);
  }
}

/** The batch in parts that end where another input has the next event; the whole without others. */
async function* rangesOf(
  batch: KernelEventBatch,
  turn: Turn | undefined,
): AsyncGenerator<{ from: number; to: number }> {
  if (turn === undefined || batch.count === 0) return yield { from: 0, to: batch.count };
  for (let from = 0, to = 0; from < batch.count; from = to) {
    const until = await turn.wait(timeOf(batch, from));
    to = from + 1;
    if (until === undefined) to = batch.count;
    else while (to < batch.count && timeOf(batch, to) <= until) to++;
    yield { from, to };
  }
}

function timeOf({ timesHigh, timesLow }: KernelEventBatch, index: number): bigint {
  return (BigInt(timesHigh[index] as number) << 32n) | BigInt(timesLow[index] as number);
}

/** As {@link rangesOf}, of JSON. */
async function* partsOf(batch: readonly JsonEvent[], turn: Turn | undefined): AsyncGenerator<readonly JsonEvent[]> {
  if (turn === undefined) return yield batch;
  for (let from = 0, to = 0; from < batch.length; from = to) {
    const until = await turn.wait(batch[from]?.time ?? 0n);
    to = from + 1;
    if (until === undefined) to = batch.length;
    else while (to < batch.length && (batch[to]?.time ?? 0n) <= until) to++;
    yield batch.slice(from, to);
  }
}

/** Opens a source. Its snapshot is let go here, when the state is made of it: that of a large machine is large. */
async function openJudge(
  open: () => Promise<WatchedKernel>,
  options: KernelJudgeOptions & Pick<WatchOptions, "rules">,
): Promise<Omit<WatchedKernel, "snapshot"> & { readonly judge: KernelJudge }> {
  const { snapshot, ...source } = await open();
  return { judge: new KernelJudge(snapshot, options.rules, options), ...source };
}

/** Judges the audit events of a file, a folder or a stream. Errors: those of {@link readK8sAuditFile}. */
export function watchK8sAuditFile(
  input: string | Readable,
  options: WatchOptions & { readonly since?: bigint },
): Promise<void> {
  const { signal, problem, since } = options;
  const source = typeof input === "string" ? input : untilAborted(input, signal);
  const events = readK8sAuditFile(source, { context: { signal, problem }, ...(since !== undefined && { since }) });
  return watchJson(events, options);
}

/** Judges JSON, an object a line. */
export function watchJsonLines(
  input: Readable,
  options: WatchOptions & { readonly format: JsonLinesFormat; readonly name: string },
): Promise<void> {
  const { signal, problem, format, name } = options;
  return watchJson(readJsonLines(untilAborted(input, signal), { format, name, context: { signal, problem } }), options);
}

/** The pieces of a stream until the signal comes, also when the stream says nothing for long. */
async function* untilAborted(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* addAbortSignal(signal, stream);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Judges batches of events, each by the rules of its source, and those of other programs by the rules for any JSON as
 * well.
 */
export async function watchJson(batches: AsyncIterable<readonly JsonEvent[]>, options: WatchOptions): Promise<void> {
  const sources = new Set<string>();
  try {
    await judgeJson(batches, options, sources);
  } finally {
    for (const source of sources) options.flow.endSource(source);
  }
}

/** Adds the names of the sources to `sources` as they come. */
async function judgeJson(
  batches: AsyncIterable<readonly JsonEvent[]>,
  { rules, flow, newRules, turn, ...options }: WatchOptions,
  sources: Set<string>,
): Promise<void> {
  const judges = new Map<string, JsonJudge>();
  const matched = flow.matched.bind(flow);
  let current = rules;
  for await (const batch of batches) {
    const changed = newRules?.();
    if (changed) {
      current = changed;
      flow.use(changed);
      for (const judge of judges.values()) judge.use(changed);
    }
    for await (const part of partsOf(batch, turn)) {
      for (const [source, events] of Map.groupBy(part, (event) => event.source)) {
        sources.add(source);
        for (const name of ruleSourcesFor(source)) {
          let judge = judges.get(name);
          if (!judge) {
            judge = new JsonJudge(name, current, options);
            judges.set(name, judge);
          }
          judge.judge(events, matched);
        }
        await flow.endBatch(source, { events: events.length, time: events.at(-1)?.time ?? 0n });
      }
    }
  }
}
