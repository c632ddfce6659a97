import type { Readable, Writable } from "node:stream";
import { PlimsollError } from "../../model/error.ts";
import type { Alert } from "../../model/events/alert.ts";
import type { WatchStatus } from "../../model/events/watch-status.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { counted } from "../../model/text/counted.ts";
import type { LimiterOptions } from "../../rules/alerts/alert-limiter.ts";
import { AlertMetrics } from "../../rules/alerts/alert-metrics.ts";
import type { TimeFormat } from "../../rules/alerts/alert-time.ts";
import { formatAlertJson, formatAlertText } from "../../rules/alerts/format-alert.ts";
import type { Matching } from "../../rules/engine/rule-engine.ts";
import type { LoadFinding, Rule } from "../../rules/loading/rule-set.ts";
import { warningLines } from "../../rules/loading/warning-lines.ts";
import { AlertOutputs, type AlertRoute } from "../../rules/outputs/alert-outputs.ts";
import { DeliveringOutput } from "../../rules/outputs/delivering-output.ts";
import { StreamOutput } from "../../rules/outputs/stream-output.ts";
import type { JsonLinesFormat } from "../../sources/json-lines/read-json-lines.ts";
import { sourceOf } from "../../sources/json-lines/recognise-producer.ts";
import { type K8sAuditServerOptions, serveK8sAudit } from "../../sources/k8s-audit/serve-k8s-audit.ts";
import { findProbe } from "../live/find-probe.ts";
import { AlertFlow } from "./alert-flow.ts";
import type { LookUp } from "./domain-name-table.ts";
import { openOutputs } from "./open-outputs.ts";
import { ReloadingRules } from "./reloading-rules.ts";
import type { RuleLoading } from "./rule-files.ts";
import { hasRuleAbout, unknownSelections } from "./rule-remarks.ts";
import { ruleSourceNames, ruleSourcesFor } from "./rule-sources.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { TimeOrder } from "./time-order.ts";
import { type WatchOptions, watchCapture, watchJson, watchJsonLines, watchK8sAuditFile } from "./watch.ts";
import type { OutputSpec } from "./watch-config.ts";

/** The watched source. */
export type WatchInput =
  /** A `.scap` file; `-` is stdin. */
  | { readonly kind: "capture"; readonly path: string }
  /** This machine while it runs. `probe`: the helper, if not the usual one; `engines`: values of `DOCKER_HOST`. */
  | { readonly kind: "live"; readonly probe?: string; readonly engines: readonly string[] }
  /** A webhook for the API server of Kubernetes. */
  | ({ readonly kind: "k8s-audit" } & Pick<K8sAuditServerOptions, "address" | "path" | "tls">)
  /** Audit events of a file or folder, or of a stream, which is destroyed at the end. */
  | { readonly kind: "k8s-audit-file"; readonly input: string | Readable; readonly since?: bigint }
  | {
      readonly kind: "json";
      readonly input: Readable;
      readonly format: JsonLinesFormat;
      readonly name: string;
      /** It ends by itself, and its events are there without waiting. */
      readonly isFile?: boolean;
    };

/** What a watch tells while it runs. */
export interface WatchEvents {
  /** It listens on these addresses. */
  readonly listening: (addresses: readonly string[]) => void;
  /** `line` makes the text of the alert. */
  readonly alert: (alert: Alert, line: () => string) => void;
  readonly problem: (problem: Problem) => void;
  /** Something that whoever runs the watch should know and that changes nothing else: one line, or several. */
  readonly note: (message: string | readonly string[], hint?: string) => void;
}

/** A watch that has begun. */
export interface RunningWatch {
  readonly status: () => WatchStatus;
  /** Loads the rules again, and opens files of alerts again that something moved away. */
  readonly reload: () => void;
}

/** A whole watch. */
export interface RunWatchOptions {
  /** One or more. The events of files are judged in the order of their times, those of others as they come. */
  readonly inputs: readonly WatchInput[];
  readonly loading: RuleLoading;
  readonly matching: Matching;
  readonly limits?: LimiterOptions;
  readonly outputs: readonly OutputSpec[];
  readonly timeFormat: TimeFormat;
  /** Host name in alerts, instead of the machine that the events name. */
  readonly hostname?: string;
  /** How the domain names that rules compare are looked up; absent: not at all. */
  readonly lookUp?: LookUp;
  /** Where metrics are served. */
  readonly metrics?: string;
  /** Changed rule files are loaded while it runs. */
  readonly follows: boolean;
  readonly stdout: Writable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly events: WatchEvents;
  /** Given before the first event. */
  readonly started?: (watch: RunningWatch) => void;
  readonly signal: AbortSignal;
}

/**
 * Watches until its input ends, the signal comes, or the only output loses its reader; alerts that were raised until
 * then have gone out, or wait in their queues. Errors: `rules-malformed`, and those of inputs and outputs.
 */
export async function runWatch(options: RunWatchOptions): Promise<WatchStatus> {
  const { inputs, loading, events, hostname } = options;
  using reloading = new ReloadingRules(loading, {
    loaded: ({ rules, findings }) => {
      const enabled = rules.filter(({ isEnabled }) => isEnabled).length;
      events.note(`rules reloaded; ${enabled} enabled`);
      noteWarnings(findings, events);
    },
    refused: ({ message, lines: [first = message, ...more] = [] }) =>
      events.note([`the changed rules are not used: ${first}`, ...more], "The previous rules stay in use."),
  });
  const { rules, findings } = reloading.first;
  noteWarnings(findings, events);
  const metrics = new AlertMetrics();
  using server = options.metrics === undefined ? undefined : await serveMetrics(options.metrics, metrics);
  const deserted = new AbortController();
  const { flow, noteWaiting } = await openFlow(options, { rules, metrics, onDeserted: () => deserted.abort() });
  options.started?.({
    status: () => flow.status,
    reload: () => {
      reloading.reload();
      void flow.reopen();
    },
  });
  try {
    await judgeAll(inputs, {
      rules,
      matching: options.matching,
      generation: loading.generation ?? "head",
      ...(hostname !== undefined && { hostname }),
      flow,
      metrics,
      servesMetrics: server !== undefined,
      ...(options.lookUp && { lookUp: options.lookUp }),
      note: events.note,
      problem: events.problem,
      signal: AbortSignal.any([options.signal, deserted.signal]),
      ...(options.follows && { newRules: newRulesOf(reloading) }),
      listening: (addresses) => {
        events.listening(server ? [...addresses, server.url] : addresses);
        remarkOnRules(rules, options);
      },
    });
  } catch (error) {
    if (!(error instanceof PlimsollError && error.code === "cancelled")) throw error;
  } finally {
    await flow.finish();
    noteWaiting();
  }
  return flow.status;
}

function noteWarnings(findings: readonly LoadFinding[], { note }: WatchEvents): void {
  const lines = warningLines(findings);
  if (lines.length === 0) return;
  note(["the rules have warnings", ...lines], "`plimsoll rules validate FILE` shows the places, `rules lint` more.");
}

/**
 * Warns about rules that would make a watch silent by mistake: names that no rule has, and no rule at all about its
 * events.
 */
function remarkOnRules(rules: readonly Rule[], { inputs, loading, events }: RunWatchOptions): void {
  for (const name of unknownSelections(rules, loading.selection)) {
    events.note(`no rule matches ${JSON.stringify(name)}, which should be enabled or disabled`);
  }
  for (const input of inputs) {
    const sources = sourcesOf(input);
    if (hasRuleAbout(rules, sources)) continue;
    const about = sources.length > 2 ? "such JSON" : `events of ${sources.join(" or ")}`;
    events.problem({
      code: "not-examined",
      message: `no enabled rule covers ${about}, so no alerts are possible: choose rules that do`,
    });
  }
}

/** The sources whose rules can be about the events of an input. */
function sourcesOf(input: WatchInput): readonly string[] {
  if (input.kind === "capture" || input.kind === "live") return ["syscall"];
  if (input.kind !== "json") return ["k8s_audit"];
  if (input.format !== "auto") return ruleSourcesFor(sourceOf(input.format));
  return ruleSourceNames.filter((name) => name !== "syscall" && name !== "k8s_audit");
}

interface FlowParts {
  readonly rules: readonly Rule[];
  readonly metrics: AlertMetrics;
  /** Called when alerts have lost their reader: the only output was a pipe, and its reader has closed it. */
  readonly onDeserted: () => void;
}

async function openFlow(
  { inputs, timeFormat, hostname, limits, outputs: specs, stdout, environment, events }: RunWatchOptions,
  { rules, metrics, onDeserted }: FlowParts,
): Promise<{ readonly flow: AlertFlow; readonly noteWaiting: () => void }> {
  const text = { timeFormat };
  const json = { timeFormat, ...(hostname !== undefined && { hostname }) };
  const line = (alert: Alert, format: "text" | "json"): string =>
    format === "text" ? formatAlertText(alert, text) : formatAlertJson(alert, json);
  const damages: { readonly output: string; readonly stretches: number }[] = [];
  const routes = await openOutputs(specs, {
    stdout,
    environment,
    format: line,
    metrics,
    onStuck: (output, reason) => events.note(`the output ${output} does not accept alerts: ${reason}`),
    onDamaged: (output, stretches) => {
      damages.push({ output, stretches });
      events.note(
        `the queue of the output ${output} is ${damageOf(stretches)}`,
        "The damaged entries are lost; the others are sent. After a crash, this is the alert that was being written; otherwise check the disk.",
      );
    },
  });
  let lost = 0;
  const outputs = new AlertOutputs(routes, {
    text,
    json,
    onFailure: (output, error) => {
      // Outputs that deliver keep their own count: one failure at the end may be of many alerts.
      if (!(output instanceof DeliveringOutput)) lost++;
      if (output instanceof StreamOutput && routes.length === 1) onDeserted();
      flow.outputFailed(output.id, error instanceof Error ? error.message : String(error));
    },
  });
  const delivering = routes.map(({ output }) => output).filter((output) => output instanceof DeliveringOutput);
  const flow: AlertFlow = new AlertFlow(rules, {
    outputs,
    metrics,
    source: inputs.map(nameOf).join(", "),
    ...(limits && { limits }),
    alert: (alert) => events.alert(alert, () => line(alert, "text")),
    lost: () => delivering.reduce((sum, output) => sum + output.lost, lost),
  });
  for (const { output, stretches } of damages) {
    // The number of alerts in a stretch is unknown: at least one.
    lost += stretches;
    for (let told = 0; told < stretches; told++) flow.outputFailed(output, `its queue is ${damageOf(stretches)}`);
  }
  return { flow, noteWaiting: () => noteWaiting(specs, { routes, events }) };
}

/** Says which alerts wait in queues on disk when a watch has ended, and how they will be sent. */
function noteWaiting(
  specs: readonly OutputSpec[],
  { routes, events }: { readonly routes: readonly AlertRoute[]; readonly events: WatchEvents },
): void {
  for (const [index, { output }] of routes.entries()) {
    if (!(output instanceof DeliveringOutput) || output.waiting === 0) continue;
    const { queue = "" } = specs[index] ?? {};
    events.note(
      `${counted(output.waiting, "alert")} for ${output.id} not delivered yet, kept in the queue ${queue}`,
      "The next watch with this output and this queue sends them before its own alerts.",
    );
  }
}

function damageOf(stretches: number): string {
  return `damaged in ${counted(stretches, "place")}`;
}

type JudgeOptions = Omit<WatchOptions, "newRules"> & {
  readonly newRules?: () => () => readonly Rule[] | undefined;
  readonly listening: (addresses: readonly string[]) => void;
};

/** Judges inputs side by side; when one fails the others end too. */
async function judgeAll(inputs: readonly WatchInput[], { newRules, hostname, ...rest }: JudgeOptions): Promise<void> {
  if (inputs.every(({ kind }) => kind !== "k8s-audit")) rest.listening([]);
  const failed = new AbortController();
  const signal = inputs.length === 1 ? rest.signal : AbortSignal.any([rest.signal, failed.signal]);
  const order = new TimeOrder();
  const ordered = inputs.filter(endsByItself);
  const turns = new Map(ordered.length > 1 ? ordered.map((input) => [input, order.join()] as const) : []);
  const results = await Promise.allSettled(
    inputs.map(async (input) => {
      const turn = turns.get(input);
      const take = newRules?.();
      // The events of a recording are of the machine that it names.
      const isFromThisMachine = inputs.length === 1 || input.kind !== "capture";
      try {
        await judge(input, {
          ...rest,
          signal,
          ...(hostname !== undefined && isFromThisMachine && { hostname }),
          ...(turn && { turn }),
          ...(take && { newRules: take }),
        });
      } catch (error) {
        failed.abort();
        throw error;
      } finally {
        turn?.leave();
      }
    }),
  );
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  const isCancelled = (reason: unknown): boolean => reason instanceof PlimsollError && reason.code === "cancelled";
  if (reasons.length > 0) throw reasons.find((reason) => !isCancelled(reason)) ?? reasons[0];
}

/** A stream may pause for as long as it likes, and must not keep the events of others waiting. */
function endsByItself(input: WatchInput): boolean {
  if (input.kind === "capture") return input.path !== "-";
  if (input.kind === "k8s-audit-file") return typeof input.input === "string";
  return input.kind === "json" && input.isFile === true;
}

/** For each input, what gives it new rules once. */
function newRulesOf(reloading: ReloadingRules): () => () => readonly Rule[] | undefined {
  let newest: readonly Rule[] | undefined;
  return () => {
    let used: readonly Rule[] | undefined;
    return () => {
      newest = reloading.takeNew() ?? newest;
      if (newest === used) return undefined;
      used = newest;
      return newest;
    };
  };
}

async function judge(
  input: WatchInput,
  options: WatchOptions & { readonly listening: (addresses: readonly string[]) => void },
): Promise<void> {
  switch (input.kind) {
    case "capture":
      return watchCapture(input.path, options);
    case "live": {
      // Loaded here, so that a watch of a capture needs no code of engines.
      const { watchLive } = await import("./watch-live.ts");
      return watchLive({ program: findProbe(input.probe), engines: input.engines }, options);
    }
    case "k8s-audit-file":
      return watchK8sAuditFile(input.input, { ...options, ...(input.since !== undefined && { since: input.since }) });
    case "json":
      return watchJsonLines(input.input, { ...options, format: input.format, name: input.name });
    case "k8s-audit": {
      const { signal, problem } = options;
      const server = await serveK8sAudit({ ...input, context: { signal, problem } });
      options.metrics.watchWebhook(() => server.statistics);
      const { path = "/k8s-audit", tls } = input;
      options.listening([`${tls ? "https" : "http"}://${server.address}${path}`]);
      const close = (): void => void server.close();
      signal.addEventListener("abort", close, { once: true });
      try {
        await watchJson(server.batches, options);
      } finally {
        signal.removeEventListener("abort", close);
        await server.close();
      }
    }
  }
}

function nameOf(input: WatchInput): string {
  switch (input.kind) {
    case "capture":
      return input.path;
    case "live":
      return "this machine";
    case "k8s-audit":
      return `audit events on ${input.address}`;
    case "k8s-audit-file":
      return typeof input.input === "string" ? input.input : "audit events";
    case "json":
      return input.name;
  }
}
