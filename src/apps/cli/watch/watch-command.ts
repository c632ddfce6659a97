import { hostname } from "node:os";
import { Command, Option } from "commander";
import { lookUpAddresses } from "../../../io/http/look-up-addresses.ts";
import { type Priority, priorities } from "../../../model/events/alert.ts";
import type { WatchStatus } from "../../../model/events/watch-status.ts";
import { counted } from "../../../model/text/counted.ts";
import { readableNumber } from "../../../model/text/readable-number.ts";
import type { RunWatchOptions } from "../../../pipeline/watch/run-watch.ts";
import type { OutputSpec, WatchConfig } from "../../../pipeline/watch/watch-config.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { isOffline } from "../environment.ts";
import { collectValues } from "../options/collect-values.ts";
import { jsonForms } from "../options/json-forms.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { type Message, noteText, writeError, writeNote } from "../terminal/output.ts";
import { addRuleOptions, priorityOption, type RuleFlags, ruleLoading } from "./rule-options.ts";
import type { WatchInputFlags } from "./watch-input.ts";
import { WatchView } from "./watch-view.ts";

const millisecondsUntilRemark = 700;

interface WatchFlags extends RuleFlags, WatchInputFlags {
  readonly config?: string;
  readonly to?: readonly string[];
  readonly format?: "text" | "json";
  readonly first?: boolean;
  readonly metrics?: string;
  readonly failOn?: Priority;
  readonly isoTime?: boolean;
  readonly offline?: boolean;
  readonly quiet?: boolean;
}

/** `plimsoll watch`. */
export function watchCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("watch")
    .summary("evaluate events and send alerts")
    .description("Evaluate events against Falco rules, and send alerts.")
    .option("--live", "watch the system calls of this machine, as root")
    .addOption(new Option("--probe <file>", "with --live: the helper that loads the probe").hideHelp())
    .option("--capture <file>", "read kernel events from a .scap capture; - is stdin")
    .option("--k8s-audit <address>", "receive Kubernetes audit events on HOST:PORT")
    .option("--k8s-audit-file <path>", "read audit events from a log or folder; - is stdin")
    .addOption(new Option("--input <form>", "read JSON from another program or service on stdin").choices(jsonForms))
    .addOption(new Option("--from <file>", "with --input: read a file instead of stdin").default("-").hideHelp())
    .addOption(new Option("--since <time>", "with --k8s-audit-file: only events since this time, RFC 3339").hideHelp())
    .option("--config <file>", "outputs, limits and rules; see docs/watch.md")
    .addOption(
      new Option("--to <output>", "file:PATH, https://…, syslog:local, program:/PATH; repeatable").argParser(
        collectValues(String),
      ),
    )
    .addOption(new Option("-f, --format <format>", "format of alerts on stdout").choices(["text", "json"]))
    .option("--metrics <address>", "serve Prometheus metrics on HOST:PORT")
    .addOption(priorityOption("--fail-on <priority>", "exit 1 after an alert of this priority or higher"))
    .option("--first", "alert only on the first matching rule, as Falco does");
  return addRuleOptions(command)
    .addOption(new Option("--iso-time", "print times as ISO 8601 in UTC").hideHelp())
    .addOption(new Option("--offline", "do not resolve the domain names in rules").hideHelp())
    .addOption(new Option("--tls-cert <file>", "TLS certificate for --k8s-audit, PEM").hideHelp())
    .addOption(new Option("--tls-key <file>", "private key of --tls-cert, PEM").hideHelp())
    .addOption(new Option("--client-ca <file>", "CA certificate for clients of --k8s-audit, PEM").hideHelp())
    .addOption(new Option("-q, --quiet", "show no live view and no notes").hideHelp())
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll watch --capture trace.scap --rules falco_rules.yaml",
        "  plimsoll watch --k8s-audit 127.0.0.1:9765 --to https://alerts.example.com/",
        "",
      ].join("\n"),
    )
    .action(async (flags: WatchFlags) => {
      const { readWatchConfig } = await import("../../../pipeline/watch/watch-config.ts");
      const config = flags.config === undefined ? {} : readWatchConfig(flags.config, process.env);
      const { status, isComplete } = await runLiveWatch(flags, { config, signal });
      if (!flags.quiet) process.stderr.write(summary(status));
      else if (status.lost > 0) writeError(lostAlerts(status), { code: "output-not-written" });
      outcome.exitCode = exitCodeOfWatch(status, { failOn: flags.failOn, isComplete, isInterrupted: signal.aborted });
    });
}

/**
 * Watches with what belongs to a terminal: the live view, notes, SIGHUP, and a remark when an interrupt does not end it
 * soon.
 */
async function runLiveWatch(
  flags: WatchFlags,
  { config, signal }: { readonly config: WatchConfig; readonly signal: AbortSignal },
): Promise<{ readonly status: WatchStatus; readonly isComplete: boolean }> {
  const [{ runWatch }, { watchInputs }] = await Promise.all([
    import("../../../pipeline/watch/run-watch.ts"),
    import("./watch-input.ts"),
  ]);
  const isLive = isWatchedLive(flags, config);
  let view: WatchView | undefined;
  let isComplete = true;
  const note = (message: Message, hint?: string): void => {
    if (flags.quiet) return;
    if (view && process.stderr.isTTY) view.text(noteText(message, hint));
    else writeNote(message, hint);
  };
  let reload: (() => void) | undefined;
  const onHangUp = (): void => reload?.();
  process.on("SIGHUP", onHangUp);
  let patience: NodeJS.Timeout | undefined;
  const onInterrupted = (): void => {
    const say = (): void =>
      note("alerts are still being delivered to an output", "Interrupt again to exit immediately.");
    patience = setTimeout(say, millisecondsUntilRemark).unref();
  };
  signal.addEventListener("abort", onInterrupted, { once: true });
  try {
    const status = await runWatch({
      ...watchOptions(flags, { config, isLive }),
      inputs: watchInputs(flags),
      events: {
        listening: (addresses) => {
          if (addresses.length > 0) note(`listening on ${addresses.join(" and ")}`);
        },
        alert: (alert, line) => view?.alert(alert, line()),
        problem: ({ message }) => {
          isComplete = false;
          note(message);
        },
        note,
      },
      started: (watch) => {
        reload = watch.reload;
        if (isLive) view = new WatchView(process.stdout, watch.status);
      },
      signal,
    });
    return { status, isComplete };
  } finally {
    view?.[Symbol.dispose]();
    process.off("SIGHUP", onHangUp);
    signal.removeEventListener("abort", onInterrupted);
    clearTimeout(patience);
  }
}

/** Worst first: an alert that was to fail, alerts that were lost, an interrupt, and what was not examined. */
function exitCodeOfWatch(
  status: WatchStatus,
  {
    failOn,
    isComplete,
    isInterrupted,
  }: { readonly failOn: Priority | undefined; readonly isComplete: boolean; readonly isInterrupted: boolean },
): number {
  if (failOn !== undefined && reaches(status, failOn)) return ExitCode.denied;
  if (status.lost > 0) return ExitCode.incomplete;
  if (isInterrupted) return ExitCode.interrupted;
  return isComplete ? ExitCode.allowed : ExitCode.incomplete;
}

/**
 * Whether a person looks on: on a terminal that lines can be taken away from, unless alerts are printed there line by
 * line.
 */
function isWatchedLive({ format, quiet, to = [] }: WatchFlags, { outputs = [] }: WatchConfig): boolean {
  const isPrinted = to.includes("stdout") || outputs.some((output) => output.to === "stdout");
  return (
    process.stdout.isTTY === true && process.env["TERM"] !== "dumb" && format === undefined && !quiet && !isPrinted
  );
}

function watchOptions(
  flags: WatchFlags,
  { config, isLive }: { readonly config: WatchConfig; readonly isLive: boolean },
): Omit<RunWatchOptions, "inputs" | "events" | "started" | "signal"> {
  const outputs: OutputSpec[] = [...(config.outputs ?? []), ...(flags.to ?? []).map((to) => ({ to }))];
  const toStdout = outputs.some(({ to }) => to === "stdout");
  // Alerts with another output are not also printed here, except on a terminal or on request.
  if (!isLive && !toStdout && (outputs.length === 0 || flags.format !== undefined)) {
    outputs.push({ to: "stdout", format: flags.format ?? "json" });
  }
  const { perRule, overall, appendOutput } = config;
  const rules = flags.rules ?? config.rules;
  const priority = flags.priority ?? config.priority;
  const metrics = flags.metrics ?? config.metrics;
  return {
    loading: {
      ...ruleLoading({
        ...flags,
        ...(rules && { rules }),
        ...(priority && { priority }),
        disable: [...(config.disable ?? []), ...(flags.disable ?? [])],
        enable: [...(config.enable ?? []), ...(flags.enable ?? [])],
      }),
      ...(appendOutput && { appendOutput }),
    },
    matching: flags.first ? "first" : (config.matching ?? "all"),
    limits: { ...(perRule && { perRule }), ...(overall && { overall }) },
    outputs,
    timeFormat: flags.isoTime ? "iso" : "local",
    ...(hasOwnEvents(flags) && { hostname: hostname() }),
    ...(metrics !== undefined && { metrics }),
    ...(!isOffline(flags.offline) && { lookUp: lookUpAddresses }),
    follows: true,
    stdout: process.stdout,
    environment: process.env,
  };
}

/** Whether something besides a recording is watched, whose events name no machine. */
function hasOwnEvents({ live, k8sAudit, k8sAuditFile, input }: WatchInputFlags): boolean {
  return [live, k8sAudit, k8sAuditFile, input].some((value) => value !== undefined);
}

function reaches({ byPriority }: WatchStatus, lowest: Priority): boolean {
  return priorities.slice(0, priorities.indexOf(lowest) + 1).some((priority) => (byPriority[priority] ?? 0) > 0);
}

function summary({ events, alerts, heldBack, lost, lastFailure, rules }: WatchStatus): string {
  const counts = [
    counted(events, "event"),
    counted(alerts, "alert"),
    ...(heldBack > 0 ? [`${readableNumber(heldBack)} held back`] : []),
    ...(lost > 0
      ? [`${readableNumber(lost)} lost${lastFailure === undefined ? "" : ` (${printable(lastFailure)})`}`]
      : []),
  ];
  const lines = rules.map(
    ({ name, priority, count: number }) => `${String(number).padStart(8)}  ${priority.padEnd(13)} ${printable(name)}\n`,
  );
  return `${counts.join(", ")}\n${lines.join("")}`;
}

/** Printed even when quiet: these alerts are not reported elsewhere. */
function lostAlerts({ alerts, lost, lastFailure }: WatchStatus): string {
  const reason = lastFailure === undefined ? "" : `: ${lastFailure}`;
  return `${readableNumber(lost)} of ${counted(alerts, "alert")} could not be delivered and ${lost === 1 ? "is" : "are"} lost${reason}`;
}
