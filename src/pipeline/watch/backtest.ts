import type { VolumeReport } from "../../model/events/alert-volume.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { exceptionYaml } from "../../rules/alerts/exception-suggestion.ts";
import { namesComparedByRules } from "../../rules/fields/syscall/compared-names.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { Generation } from "../../rules/state/kernel-state.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { readK8sAuditFile } from "../../sources/k8s-audit/read-k8s-audit-file.ts";
import { BacktestTally } from "./backtest-tally.ts";
import { ComparedDomainNames, type DomainNameOptions } from "./compared-domain-names.ts";
import { JsonJudge } from "./json-judge.ts";
import { KernelJudge } from "./kernel-judge.ts";
import { readAlertLog } from "./read-alert-log.ts";
import { stateDropsProblem } from "./state-drops-problem.ts";

/** Options of a backtest. */
export interface BacktestOptions {
  readonly captures: readonly string[];
  /** Logs of Kubernetes audit events, files or folders. */
  readonly auditLogs: readonly string[];
  /** Logs of alerts in Falco's JSON, which are counted as they are. */
  readonly alertLogs: readonly string[];
  readonly generation: Generation;
  readonly domainNames: DomainNameOptions;
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

/** What rules would have done. */
export interface Backtest {
  readonly events: number;
  readonly volume: VolumeReport;
  /** What `deduplicate` of the rules kept from being alerts. */
  readonly heldBack: number;
  /** The enabled rules that no event fulfilled. */
  readonly silent: readonly string[];
  /** The enabled rules about sources without replayed events. */
  readonly unjudged: readonly string[];
  /** By rule, what to add to a rule file so that most of its alerts are not raised any more. */
  readonly exceptions: Readonly<Record<string, string>>;
}

/**
 * Replays captures and audit logs, and reports on the alerts that the rules raise with their own thresholds, sequences
 * and deduplication, and on those that logs of alerts have. Errors: those of opening them.
 */
export async function backtest(rules: readonly Rule[], options: BacktestOptions): Promise<Backtest> {
  const tally = new BacktestTally(rules);
  await replayCaptures(rules, { ...options, tally });
  await replayAuditLogs(rules, { ...options, tally });
  await countAlerts({ ...options, tally });
  const isReplay = options.captures.length + options.auditLogs.length > 0;
  // How long logs of alerts were written is known from the alerts only.
  const volume = tally.volume.report(options.alertLogs.length > 0 ? {} : { seconds: tally.seconds });
  const suggested = volume.rules.flatMap(({ rule, suggestion }) =>
    suggestion ? [[rule, exceptionYaml(rule, suggestion)] as const] : [],
  );
  return {
    events: tally.events,
    volume,
    heldBack: tally.heldBack,
    ...(isReplay ? tally.silent : { silent: [], unjudged: [] }),
    exceptions: Object.fromEntries(suggested),
  };
}

type Replay = BacktestOptions & { readonly tally: BacktestTally };

async function replayCaptures(rules: readonly Rule[], options: Replay): Promise<void> {
  const { captures, generation, signal, problem, tally } = options;
  using compared = new ComparedDomainNames(options.domainNames);
  if (captures.length > 0) await compared.use(namesComparedByRules(rules), signal);
  for (const path of captures) {
    const source = await openCapture(path, { generation, signal, problem });
    const judge = new KernelJudge(source.snapshot, rules, {
      generation,
      matching: "all",
      domainNames: compared.names,
    });
    const stream = tally.begin("syscall");
    for await (const batch of source.events(signal)) {
      const events = judge.judge(batch, stream.matched);
      if (events > 0) stream.seen(events, judge.state.firstTime || judge.state.event.time, judge.state.event.time);
    }
    stream.end();
    const dropped = stateDropsProblem(judge.drops, path);
    if (dropped) problem(dropped);
  }
}

async function replayAuditLogs(rules: readonly Rule[], { auditLogs, signal, problem, tally }: Replay): Promise<void> {
  for (const path of auditLogs) {
    const judge = new JsonJudge("k8s_audit", rules, { matching: "all" });
    const stream = tally.begin("k8s_audit");
    for await (const batch of readK8sAuditFile(path, { context: { signal, problem } })) {
      judge.judge(batch, stream.matched);
      for (const { time } of batch) stream.seen(1, time, time);
    }
    stream.end();
  }
}

async function countAlerts({ alertLogs, signal, problem, tally }: Replay): Promise<void> {
  for (const path of alertLogs) {
    for await (const alerts of readAlertLog(path, { signal, problem })) {
      for (const alert of alerts) tally.volume.add(alert);
    }
  }
}
