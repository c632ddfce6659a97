import { Command, InvalidArgumentError, Option } from "commander";
import { printable, printableLines } from "../../../reporters/terminal-text.ts";
import { formatOption } from "../options/format-option.ts";
import { oneOutput } from "../options/output-option.ts";
import { ExitCode, type Outcome } from "../terminal/exit-code.ts";
import { widthOf, writePieces } from "../terminal/output.ts";
import { proposalText } from "./proposal-text.ts";
import { addProposeOptions, hasFailure, type ProposeFlags, proposals, reportJson } from "./propose-options.ts";

interface OpenFlags extends ProposeFlags {
  readonly forge?: "github" | "gitlab" | "gitea";
  readonly remote: string;
  readonly base?: string;
  readonly limit: number;
  readonly pin: boolean;
  readonly signingKey?: string;
  readonly dryRun?: boolean;
}

const tokenVariables = { github: "GITHUB_TOKEN", gitlab: "GITLAB_TOKEN", gitea: "GITEA_TOKEN" } as const;

/** `plimsoll update open`. */
export function updateOpenCommand(signal: AbortSignal, outcome: Outcome): Command {
  const command = new Command("open")
    .summary("open pull requests with better tags")
    .description("Open a pull request for each image with a better tag, on GitHub, GitLab, Gitea or Forgejo.")
    .argument("[path...]", "files or folders of one Git repository (default: .)")
    .addOption(new Option("--forge <kind>", "server of the remote").choices(["github", "gitlab", "gitea"]))
    .option("--remote <name>", "Git remote", "origin")
    .option("--base <branch>", "branch to merge into (default: default branch)")
    .addOption(new Option("--limit <number>", "open pull requests at most").default(5).argParser(readLimit))
    .option("--dry-run", "print the pull requests only")
    .addOption(new Option("--no-pin", "add no digest to references without one").hideHelp())
    .addOption(
      new Option("--signing-key <id>", "key that signs the commits, as Git names it").hideHelp().argParser(readKey),
    );
  return addProposeOptions(command)
    .addOption(formatOption(["text", "json"]))
    .addHelpText("before", "Examples:\n  PLIMSOLL_FORGE_TOKEN=… plimsoll update open\n")
    .action(async (given: readonly string[], flags: OpenFlags) => {
      const paths = given.length > 0 ? given : ["."];
      const report = await proposals(paths, flags, signal);
      if (flags.dryRun) {
        const { requestPreviews } = await import("../../../pipeline/updates/pull-request-text.ts");
        const previews = requestPreviews(report.proposals);
        const texts = previews.map(({ title, body }) => `\n# ${printable(title)}\n\n${printableLines(body)}\n`);
        const shown = flags.format === "json" ? [reportJson(report, { requests: previews })] : texts;
        writePieces(shown.length > 0 ? shown : ["No image has a better tag.\n"], oneOutput(flags));
        outcome.exitCode = hasFailure(report) ? ExitCode.incomplete : ExitCode.allowed;
        return;
      }
      const { openPullRequests } = await import("../../../pipeline/updates/open-pull-requests.ts");
      const { env } = process;
      const requests = await openPullRequests(paths, report.proposals, {
        signal,
        environment: env,
        remote: flags.remote,
        forge: flags.forge,
        tokenFor: (kind) => env["PLIMSOLL_FORGE_TOKEN"] || env[tokenVariables[kind]] || undefined,
        base: flags.base,
        most: flags.limit,
        pins: flags.pin,
        signingKey: flags.signingKey,
      });
      const lines = requests.map(({ image, outcome: result, url, reason }) => {
        const details = [url, reason].filter((text) => text !== undefined).join(", ");
        return `${printable(image)}: ${result}${details === "" ? "" : `, ${printable(details)}`}\n`;
      });
      const text = proposalText(report, widthOf(process.stdout));
      writePieces(flags.format === "json" ? [reportJson(report, { requests })] : [text, ...lines], oneOutput(flags));
      outcome.exitCode = hasFailure(report) ? ExitCode.incomplete : ExitCode.allowed;
    });
}

function readLimit(text: string): number {
  if (/^[1-9][0-9]{0,2}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a number from 1 to 999.");
}

function readKey(text: string): string {
  if (/^[A-Za-z0-9@._+<> -]{1,200}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected the id of a key, a fingerprint or an address.");
}
