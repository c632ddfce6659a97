import { Command } from "commander";
import type { JudgedTest } from "../../../pipeline/watch/test-rules.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeJson, writeNote, writeOut } from "../terminal/output.ts";

interface TestFlags {
  readonly rules?: readonly string[];
  readonly quiet?: boolean;
  readonly format: "text" | "json";
}

/** `plimsoll rules test`. */
export function rulesTestCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("test")
    .summary("run tests of rules")
    .description("Run tests of rules: events, and the alerts that must and must not follow.")
    .argument("[path...]", "files named *.test.yaml, or folders of them (default: Plimsoll's own)")
    .option("--rules <path...>", "the rules under test (default: the rule files beside each test)")
    .addOption(formatOption(["text", "json"]))
    .option("-q, --quiet", "show only failures")
    .addHelpText(
      "before",
      "Examples:\n  plimsoll rules test our-rules/\n  plimsoll rules test shell.test.yaml --rules shell.yaml\n",
    )
    .addHelpText("after", "\nExit codes: 0 all tests passed, 1 an alert was missing or unexpected.")
    .action(async (paths: readonly string[], { rules, quiet, format }: TestFlags) => {
      const [{ readValidRules }, { ruleTestFiles, testRules }] = await Promise.all([
        import("../../../pipeline/watch/rule-files.ts"),
        import("../../../pipeline/watch/test-rules.ts"),
      ]);
      const counts = { passed: 0, failed: 0 };
      const files = ruleTestFiles(paths.length > 0 ? paths : undefined);
      for (const file of files) {
        const set = readValidRules({ paths: rules ?? file.rules });
        for await (const result of testRules(file.path, { rules: set.rules, signal })) {
          counts[result.isPassed ? "passed" : "failed"]++;
          if (format === "json") writeJson(result, "line");
          else if (!result.isPassed || !quiet) writeOut(inText(result));
        }
      }
      if (format === "text") writeOut(`${counts.passed} passed, ${counts.failed} failed\n`);
      if (counts.failed > 0) outcome.exitCode = ExitCode.denied;
      else if (counts.passed === 0) {
        outcome.exitCode = ExitCode.incomplete;
        if (files.length === 0)
          writeNote(`${paths.join(", ")}: no rule tests found`, "Tests are in files named *.test.yaml.");
        else writeNote(`no tests in ${files.map(({ path }) => path).join(", ")}`);
      }
    });
}

function inText({ test, file, line, isPassed, failures }: JudgedTest): string {
  const head = isPassed ? `ok    ${printable(test)}` : `FAIL  ${printable(test)}  (${printable(file)}:${line})`;
  return `${[head, ...failures.map((failure) => `      ${printable(failure)}`)].join("\n")}\n`;
}
