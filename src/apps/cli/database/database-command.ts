import { Command, InvalidArgumentError, Option } from "commander";
import { isAddress } from "../../../io/http/is-address.ts";
import { PlimsollError } from "../../../model/error.ts";
import { refusedText } from "../../../pipeline/database/refused-records.ts";
import type { UpdatedDatabase } from "../../../pipeline/database/update-database.ts";
import { collectLists } from "../checks/collect-lists.ts";
import { feedAccess, isOffline } from "../environment.ts";
import { readTime } from "../options/read-time.ts";
import { refuseOffline } from "../options/refuse-offline.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { writeError, writeNote, writeOut } from "../terminal/output.ts";
import { ProgressLine } from "../terminal/progress-line.ts";
import { remarksOnReplaced } from "../watch/remarks-on-replaced.ts";
import { databaseDiffCommand } from "./database-diff-command.ts";
import { databaseFileOption } from "./database-file-option.ts";
import { databaseStatusCommand, statusText } from "./database-status-command.ts";
import { databasePullCommand, databasePushCommand } from "./database-transfer-commands.ts";
import { databaseVerifyCommand } from "./database-verify-command.ts";

/** `plimsoll db` with its commands. */
export function databaseCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("db")
    .summary("manage the advisory database")
    .description("Update, build, share and inspect the advisory database.")
    .addHelpText(
      "before",
      ["Examples:", "  plimsoll db update    fetch what changed", "  plimsoll db status    contents and age", ""].join(
        "\n",
      ),
    )
    .addCommand(updateCommand(signal, outcome))
    .addCommand(buildCommand(signal, outcome))
    .addCommand(databaseStatusCommand())
    .addCommand(databaseVerifyCommand(signal))
    .addCommand(databaseDiffCommand())
    .addCommand(databasePushCommand(signal))
    .addCommand(databasePullCommand(signal));
}

interface UpdateFlags {
  readonly db: string;
  readonly only?: readonly string[];
  readonly mirror?: string;
  readonly offline?: boolean;
  readonly timeout?: number;
  readonly quiet?: boolean;
}

function updateCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("update")
    .summary("update the database")
    .description("Fetch the publishers' changes since the last update, and apply them to the database.")
    .addOption(onlyOption())
    .addOption(databaseFileOption())
    .addOption(mirrorOption())
    .addOption(
      new Option("--timeout <seconds>", "time out after this many seconds without a response").argParser(readSeconds),
    )
    .option("--offline", "do not use the network; --mirror must be a folder")
    .option("-q, --quiet", "no progress line")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll db update                            all publishers",
        "  plimsoll db update --only debian,npm,kev      only these; the others stay",
        "  plimsoll db update --mirror /srv/advisories   from a copy of their files",
        "",
      ].join("\n"),
    )
    .action(async (flags: UpdateFlags) => {
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const access = {
        ...feedAccess(flags.mirror),
        ...(flags.timeout !== undefined && { idleTimeout: flags.timeout * 1000 }),
      };
      if (isOffline(flags.offline) && (access.mirror === undefined || isAddress(access.mirror))) {
        throw new PlimsollError("usage", "an update needs the network, which --offline forbids", {
          hint: "Remove --offline, or give a folder with --mirror.",
        });
      }
      const [{ chooseFeeds }, { updateDatabase }] = await Promise.all([
        import("../../../pipeline/database/choose-feeds.ts"),
        import("../../../pipeline/database/update-database.ts"),
      ]);
      const updated = await updateDatabase({
        output: flags.db,
        feeds: chooseFeeds(flags.only),
        keepsOthers: flags.only !== undefined,
        builtAt: new Date().toISOString(),
        access,
        signal,
        progress: (progress) => line.fetch(progress),
      });
      line[Symbol.dispose]();
      tell(updated, outcome);
    });
}

interface BuildFlags extends UpdateFlags {
  readonly from?: string;
  readonly date?: string;
  readonly allowOlder?: boolean;
}

function buildCommand(signal: AbortSignal, outcome: Outcome): Command {
  return new Command("build")
    .summary("build a database from scratch")
    .description("Build a database from scratch; the same files and date produce an identical file.")
    .option("--from <folder-or-url>", "bucket in the layout of OSV.dev's bulk export (<Ecosystem>/all.zip)")
    .addOption(mirrorOption())
    .addOption(onlyOption())
    .addOption(databaseFileOption())
    .addOption(new Option("--date <time>", "build time to record: RFC 3339, or a date").argParser(readTime))
    .option("--allow-older", "allow replacing a database with a later date")
    .option("-q, --quiet", "no progress line")
    .addHelpText(
      "before",
      [
        "Examples:",
        "  plimsoll db build --from osv-export/ --only Debian,npm",
        "  plimsoll db build --mirror /srv/advisories --date 2025-11-25",
        "",
      ].join("\n"),
    )
    .action(async (flags: BuildFlags) => {
      using line = new ProgressLine(process.stderr, flags.quiet === true);
      const source = sourceOf(flags);
      if (isAddress("from" in source ? source.from : source.mirror)) refuseOffline("a build from a URL");
      const { buildDatabase } = await import("../../../pipeline/database/build-database.ts");
      const built = await buildDatabase({
        output: flags.db,
        builtAt: flags.date ?? new Date().toISOString(),
        allowOlder: flags.allowOlder === true,
        signal,
        progress: (progress) => line.fetch(progress),
        ...source,
        ...(flags.only && { only: flags.only }),
      });
      line[Symbol.dispose]();
      for (const remark of remarksOnReplaced(built)) writeNote(remark);
      tell(built, outcome);
    });
}

function sourceOf({ from, mirror }: BuildFlags): { readonly from: string } | { readonly mirror: string } {
  if (from !== undefined && mirror === undefined) return { from };
  if (mirror !== undefined && from === undefined) return { mirror };
  throw new PlimsollError("usage", "a build needs either --from or --mirror", {
    hint: "Use --from for a bucket of OSV records, or --mirror for a copy of all publishers' files; `plimsoll db update` downloads from the publishers.",
  });
}

type Feed = UpdatedDatabase["feeds"][number];

/** Says what came of it; a publisher that could not be asked or a record that could not be read makes it incomplete. */
function tell({ status, feeds, refused, problems }: UpdatedDatabase, outcome: Outcome): void {
  writeOut(statusText(status, new Date()));
  for (const feed of feeds) {
    for (const failure of feed.failures) {
      writeError(`${failureText(feed, failure)}: ${failure.cause.message}`, failure.cause);
      outcome.exitCode = ExitCode.incomplete;
    }
  }
  if (refused > 0) {
    writeError(refusedText(refused, problems), { code: "unreadable" });
    outcome.exitCode = ExitCode.incomplete;
  }
}

function failureText({ title, updated, failures }: Feed, { part, wasThere }: Feed["failures"][number]): string {
  const state = wasThere ? "is unchanged" : "is missing";
  if (part !== undefined) return `${part} of ${title} ${state}`;
  return updated > 0 || failures.length > 1 ? `the rest of ${title} ${state}` : `${title} ${state}`;
}

function onlyOption(): Option {
  return new Option("--only <names>", "only these feeds or ecosystems, separated by commas").argParser(
    collectLists(String),
  );
}

function mirrorOption(): Option {
  return new Option("--mirror <folder-or-url>", "mirror with https://HOST/PATH at MIRROR/HOST/PATH");
}

function readSeconds(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number of seconds.");
}
