import { addAbortSignal, type Readable } from "node:stream";
import type { JsonEvent } from "../../model/json-event.ts";
import type { Problem } from "../../model/problem.ts";
import type { Matching } from "../../rules/engine/rule-engine.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { Generation } from "../../rules/state/kernel-state.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { type JsonLinesFormat, readJsonLines } from "../../sources/json-lines/read-json-lines.ts";
import { readK8sAuditFile } from "../../sources/k8s-audit/read-k8s-audit-file.ts";
import type { AlertFlow } from "./alert-flow.ts";
import { JsonJudge } from "./json-judge.ts";
import { KernelJudge } from "./kernel-judge.ts";

/** How events become matches. */
export interface WatchOptions {
  readonly rules: readonly Rule[];
  readonly matching: Matching;
  readonly generation: Generation;
  /** Of alerts; of kernel events that of their machine when absent. */
  readonly hostname?: string;
  readonly flow: AlertFlow;
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
  /** Called before each batch: the rules to judge by from then on, when they are others. */
  readonly newRules?: () => readonly Rule[] | undefined;
}

/** Judges all events of a capture; `-` is stdin. Errors: those of opening a capture. */
export async function watchCapture(path: string, options: WatchOptions): Promise<void> {
  const { flow, generation, signal, problem, newRules } = options;
  const source = await openCapture(path, { generation, signal, problem });
  const judge = new KernelJudge(source.snapshot, options.rules, options);
  const matched = flow.matched.bind(flow);
  for await (const batch of source.events(signal)) {
    const rules = newRules?.();
    if (rules) {
      judge.use(rules);
      flow.use(rules);
    }
    const events = judge.judge(batch, matched);
    await flow.endBatch("syscall", { events, time: judge.state.event.time });
  }
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

/** Judges batches of events, each by the rules of its source, and those of other programs by the rules for any JSON as well. */
export async function watchJson(
  batches: AsyncIterable<readonly JsonEvent[]>,
  { rules, flow, newRules, ...options }: WatchOptions,
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
    for (const [source, events] of Map.groupBy(batch, (event) => event.source)) {
      for (const name of sourcesOf(source)) {
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

/** By the rules of which sources events are judged: what other programs send is JSON as well. */
function sourcesOf(source: string): readonly string[] {
  return source === "k8s_audit" || source === "json" ? [source] : [source, "json"];
}
