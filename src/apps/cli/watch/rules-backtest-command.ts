import { Command } from "commander";
import { lookUpAddresses } from "../../../io/http/look-up-addresses.ts";
import { PlimsollError } from "../../../model/error.ts";
import { isOffline } from "../environment.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { widthOf, writeJson, writeNote, writePieces } from "../terminal/output.ts";
import { addRuleOptions, type RuleFlags, ruleLoading } from "./rule-options.ts";

interface BacktestFlags extends RuleFlags {
  readonly capture?: readonly string[];
  readonly k8sAuditFile?: readonly string[];
  readonly alerts?: readonly string[];
  readonly format: "text" | "json";
}

/** `plimsoll rules backtest`. */
export function rulesBacktestCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("backtest")
    .summary("replay past events, and count the alerts of rules")
    .description("Replay past events: show the alerts of rules, their causes, and suggested exceptions.")
    .argument("[rules...]", "rule files or folders, as --rules")
    .option("--capture <file...>", "captures to replay")
    .option("--k8s-audit-file <path...>", "Kubernetes audit logs: files or folders")
    .option("--alerts <file...>", "JSON alerts from Falco or Plimsoll to count")
    .addOption(formatOption(["text", "json"]));
  return addRuleOptions(command)
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll rules backtest our.yaml --capture monday.scap tuesday.scap",
        "  plimsoll rules backtest --alerts falco.jsonl",
        "",
      ].join("\n"),
    )
    .action(async (named: readonly string[], flags: BacktestFlags) => {
      const { capture: captures = [], k8sAuditFile: auditLogs = [], alerts: alertLogs = [] } = flags;
      const isReplay = captures.length + auditLogs.length > 0;
      if (!isReplay && alertLogs.length === 0) {
        throw new PlimsollError("usage", "no input given", {
          hint: "Give --capture FILE, --k8s-audit-file PATH, or --alerts FILE.",
        });
      }
      const [{ backtest }, { readValidRules }, { backtestText }] = await Promise.all([
        import("../../../pipeline/watch/backtest.ts"),
        import("../../../pipeline/watch/rule-files.ts"),
        import("../../../reporters/backtest.ts"),
      ]);
      const loading = ruleLoading(named.length > 0 ? { ...flags, rules: [...(flags.rules ?? []), ...named] } : flags);
      const result = await backtest(isReplay ? readValidRules(loading).rules : [], {
        captures,
        auditLogs,
        alertLogs,
        generation: flags.compat ?? "head",
        domainNames: { ...(!isOffline(undefined) && { lookUp: lookUpAddresses }), note: writeNote },
        problem: ({ message }) => {
          outcome.exitCode = ExitCode.incomplete;
          writeNote(message);
        },
        signal,
      });
      if (flags.format === "text") writePieces(backtestText(result, { width: widthOf(process.stdout) }), undefined);
      else writeJson(result);
    });
}
