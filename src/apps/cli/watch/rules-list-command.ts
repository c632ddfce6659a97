import { Command } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import type { listRules } from "../../../pipeline/watch/rule-reports.ts";
import { printable, wrap } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { hasColour, listWidthOf, widthOf, writeJson, writeOut } from "../terminal/output.ts";
import { tableRows } from "../terminal/table-rows.ts";
import { addRuleOptions, type RuleFlags, ruleLoading } from "./rule-options.ts";

interface ListFlags extends RuleFlags {
  readonly all?: boolean;
  readonly format: "table" | "json";
}

/** `plimsoll rules list`. */
export function rulesListCommand(): Command {
  const command = new Command("list")
    .summary("list rules, or show one rule")
    .description("List rules with their priority and tags, or show one rule in full.")
    .argument("[rule]", "name of a rule to show in full")
    .option("--all", "also list disabled rules")
    .addOption(formatOption());
  return addRuleOptions(command)
    .addHelpText(
      "before",
      'Examples:\n  plimsoll rules list\n  plimsoll rules list "Interactive shell in a container"\n  plimsoll rules list --rules falco_rules.yaml --all\n',
    )
    .action(async (name: string | undefined, flags: ListFlags) => {
      const {
        listRules: list,
        ruleDescription,
        ruleDescriptions,
      } = await import("../../../pipeline/watch/rule-reports.ts");
      const loading = ruleLoading(flags);
      if (flags.format === "json") {
        const described = name === undefined ? ruleDescriptions(loading) : ruleDescription(name, loading);
        writeJson(described ?? refuseUnknown(name));
      } else if (name !== undefined) writeOut(ruleText(name, list(loading, { all: true })));
      else {
        const rules = list(loading, { all: flags.all === true });
        const rows = rules.map(({ name, priority, source, tags, isEnabled }) => [
          priority,
          source,
          `${name}${isEnabled ? "" : " (off)"}`,
          tags.join(" "),
        ]);
        const layout = { width: listWidthOf(process.stdout), colour: hasColour(process.stdout) };
        writeOut(tableRows([["PRIORITY", "SOURCE", "RULE", "TAGS"], ...rows], layout));
      }
    });
}

function refuseUnknown(name: string | undefined): never {
  throw new PlimsollError("usage", `no rule named ${JSON.stringify(name)}`, {
    hint: "`plimsoll rules list` prints all names.",
  });
}

function ruleText(name: string, rules: ReturnType<typeof listRules>): string {
  const rule = rules.find((candidate) => candidate.name === name) ?? refuseUnknown(name);
  const width = widthOf(process.stdout);
  const [about, remedy] = rule.description.split(/\n[ \t]*What to do:/, 2);
  const part = (label: string, text: string | undefined): string =>
    text === undefined || text === ""
      ? ""
      : `${label.padEnd(12)}${wrap(printable(text.replace(/\s+/g, " ").trim()), width - 12).join(`\n${" ".repeat(12)}`)}\n`;
  return [
    part("Rule", rule.name + (rule.isEnabled ? "" : " (off)")),
    part("Priority", rule.priority),
    part("Source", rule.source),
    part("Tags", rule.tags.join(" ")),
    part("What", about),
    part("To do", rule.extension?.action ?? remedy),
    part("Condition", rule.condition),
    part("Output", rule.output),
    part("Where", `${rule.place.file}:${rule.place.line + 1}`),
  ].join("");
}
