import type { Alert, AlertValue } from "../../model/alert.ts";
import type { VolumeReport } from "../../model/alert-volume.ts";
import type { JsonEvent } from "../../model/json-event.ts";
import type { Problem } from "../../model/problem.ts";
import { exceptionYaml } from "../../rules/alerts/exception-suggestion.ts";
import { AlertVolume } from "../../rules/alerts/volume-report.ts";
import type { Match } from "../../rules/engine/alert-builder.ts";
import type { Rule } from "../../rules/loading/rule-set.ts";
import type { Generation } from "../../rules/state/kernel-state.ts";
import { openCapture } from "../../sources/capture/open-capture.ts";
import { readK8sAuditFile } from "../../sources/k8s-audit/read-k8s-audit-file.ts";
import { JsonJudge } from "./json-judge.ts";
import { KernelJudge } from "./kernel-judge.ts";

/** What rules are held against. */
export interface BacktestOptions {
  readonly captures: readonly string[];
  /** Logs of Kubernetes audit events, files or folders. */
  readonly auditLogs: readonly string[];
  readonly generation: Generation;
  readonly problem: (problem: Problem) => void;
  readonly signal: AbortSignal;
}

/** What rules would have done. */
export interface Backtest {
  readonly events: number;
  readonly volume: VolumeReport;
  /** The enabled rules that no event fulfilled. */
  readonly silent: readonly string[];
  /** By rule, what to add to a rule file so that most of its alerts are not raised any more. */
  readonly exceptions: Readonly<Record<string, string>>;
}

/** What an exception can be made of, by source, whether or not the output of a rule names it. */
const exceptionFields: Readonly<Record<string, readonly string[]>> = {
  syscall: [
    "proc.name",
    "proc.pname",
    "proc.exepath",
    "proc.cmdline",
    "user.name",
    "container.image.repository",
    "k8s.ns.name",
    "fd.name",
    "fd.sip",
  ],
  k8s_audit: ["ka.user.name", "ka.verb", "ka.target.resource", "ka.target.namespace"],
};

/** Replays captures and audit logs, all matches counted, and reports on the alerts. Errors: those of opening them. */
export async function backtest(rules: readonly Rule[], options: BacktestOptions): Promise<Backtest> {
  const { generation, signal, problem } = options;
  const volume = new AlertVolume();
  const fired = new Set<string>();
  const matched = (match: Match): void => {
    fired.add(match.rule.name);
    volume.add(withFields(match));
  };
  let events = 0;
  for (const path of options.captures) {
    const source = await openCapture(path, { generation, signal, problem });
    const judge = new KernelJudge(source.snapshot, rules, { generation, matching: "all" });
    for await (const batch of source.events(signal)) events += judge.judge(batch, matched);
  }
  for (const path of options.auditLogs) {
    const judge = new JsonJudge("k8s_audit", rules, { matching: "all" });
    for await (const batch of readK8sAuditFile(path, { context: { signal, problem } })) {
      judge.judge(batch satisfies readonly JsonEvent[], matched);
      events += batch.length;
    }
  }
  const report = volume.report();
  const suggested = report.rules.flatMap(({ rule, suggestion }) =>
    suggestion ? [[rule, exceptionYaml(rule, suggestion)] as const] : [],
  );
  return {
    events,
    volume: report,
    silent: rules.filter(({ name, isEnabled }) => isEnabled && !fired.has(name)).map(({ name }) => name),
    exceptions: Object.fromEntries(suggested),
  };
}

function withFields(match: Match): Alert {
  const alert = match.alert();
  const named = new Set(alert.fields.map(([name]) => name));
  const further = (exceptionFields[match.rule.source] ?? [])
    .filter((field) => !named.has(field))
    .map((field): [string, AlertValue] => [field, match.value(field)]);
  return { ...alert, fields: [...alert.fields, ...further.filter(([, value]) => value !== null)] };
}
