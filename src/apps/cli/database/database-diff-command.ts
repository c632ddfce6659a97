import { Command } from "commander";
import type { compareDatabases } from "../../../pipeline/database/inspect-database.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { writeJson, writeOut } from "../terminal/output.ts";

type Change = ReturnType<typeof compareDatabases> extends Iterable<infer Item> ? Item : never;

const signs: Readonly<Record<Change["change"], string>> = { added: "+", removed: "-", changed: "~" };
const mostPackages = 5;

/** `plimsoll db diff`. */
export function databaseDiffCommand(): Command {
  return new Command("diff")
    .summary("compare two databases")
    .description("Compare two databases: advisories that only one of them has, and those that differ.")
    .argument("<old>", "a database file")
    .argument("<new>", "a database file")
    .addOption(formatOption())
    .addHelpText("before", "Examples:\n  plimsoll db diff yesterday.sqlite today.sqlite\n")
    .action(async (older: string, newer: string, flags: { format: string }) => {
      const { compareDatabases } = await import("../../../pipeline/database/inspect-database.ts");
      const difference = compareDatabases(older, newer);
      const counts = { added: 0, removed: 0, changed: 0 };
      const isJson = flags.format === "json";
      for (const change of difference) {
        counts[change.change]++;
        if (isJson) writeJson(change, "line");
        else writeOut(`${lineOf(change)}\n`);
      }
      const summary = { advisories: counts, ...difference.summary() };
      if (isJson) writeJson({ summary }, "line");
      else writeOut(`${summaryText(summary)}\n`);
    });
}

function lineOf({ ecosystem, id, change, packages }: Change): string {
  const more = packages.length > mostPackages ? ` and ${packages.length - mostPackages} more` : "";
  return printable(`${signs[change]} ${ecosystem}  ${id}  ${packages.slice(0, mostPackages).join(", ")}${more}`);
}

type Counts = Readonly<Partial<Record<Change["change"], number>>>;

function summaryText({ advisories, statements, facts }: Readonly<Record<string, Counts>>): string {
  return [
    `advisories ${countsText(advisories)}`,
    `statements ${countsText(statements)}`,
    `facts about CVEs ${countsText(facts)}`,
  ].join("; ");
}

function countsText(counts: Counts = {}): string {
  const parts = Object.entries(counts).map(([change, count]) => `${count} ${change}`);
  return parts.join(", ");
}
