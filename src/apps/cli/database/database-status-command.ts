import { Command } from "commander";
import type { DatabaseStatus } from "../../../model/findings/advisory.ts";
import { printable } from "../../../reporters/terminal-text.ts";
import { namedOrExistingDatabase } from "../environment.ts";
import { formatOption } from "../options/format-option.ts";
import { writeJson, writeOut } from "../terminal/output.ts";

/** `plimsoll db status`. */
export function databaseStatusCommand(): Command {
  return new Command("status")
    .summary("show the database that a scan uses")
    .description("Show the database that a scan uses, its age and what it covers.")
    .option("--db <file>", "database file to inspect (default: the one that scan uses)")
    .addOption(formatOption())
    .action(async (flags: { db?: string; format: string }) => {
      const { databaseStatus } = await import("../../../pipeline/database/database-status.ts");
      const status = databaseStatus(flags.db ?? namedOrExistingDatabase());
      if (flags.format === "json") writeJson(status);
      else writeOut(statusText(status, new Date()));
    });
}

/** What a database says about itself, for people. */
export function statusText(status: DatabaseStatus, now: Date): string {
  const isBuiltIn = status.kind === "built-in";
  const name = isBuiltIn ? "built-in advisories" : (status.path ?? "database");
  const age = isBuiltIn ? "" : ` (${ageText(status.builtAt, now)})`;
  const lines = [name, `built ${status.builtAt}${age} from ${status.source}, ${status.records} records`];
  for (const { ecosystem, records, newest } of status.ecosystems) {
    lines.push(row(ecosystem, records, newest === undefined ? "" : `newest ${newest.slice(0, 10)}`));
  }
  if (status.parts.length > 0) lines.push("", "fetched");
  for (const [feed, parts] of Map.groupBy(status.parts, (part) => part.feed)) {
    const last =
      parts
        .map(({ updatedAt }) => updatedAt)
        .sort()
        .at(-1) ?? "";
    const items = parts.reduce((sum, part) => sum + part.items, 0);
    const since = status.behind?.filter((part) => part.feed === feed).map((part) => part.since);
    const behind = since?.length ? `, last updated ${since.sort()[0]?.slice(0, 10)}` : "";
    const unread = parts.reduce((sum, part) => sum + (part.refused ?? 0), 0);
    const refused = unread > 0 ? `, ${unread === 1 ? "1 record" : `${unread} records`} could not be read` : "";
    lines.push(row(feed, items, `changed ${last.slice(0, 10)}${behind}${refused}`));
  }
  if (isBuiltIn) lines.push("", "These are only the best-known vulnerabilities. Fetch all: plimsoll db update");
  return `${lines.map(printable).join("\n")}\n`;
}

function row(name: string, count: number, remark: string): string {
  return `  ${name.padEnd(30)} ${String(count).padStart(9)}  ${remark}`.trimEnd();
}

const dayInMilliseconds = 86_400_000;

function ageText(builtAt: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(builtAt)) / dayInMilliseconds);
  if (Number.isNaN(days)) return "which is not a valid time";
  if (days < -1) return `${-days} days from now`;
  if (days < 1) return "today";
  return days === 1 ? "yesterday" : `${days} days ago`;
}
