import { Command, CommanderError } from "commander";
import { PlimsollError } from "../../model/error.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { checkCommand } from "./checks/check-command.ts";
import { databaseCommand } from "./database/database-command.ts";
import { malwareCommand } from "./malware/malware-command.ts";
import { refuseContradictions } from "./options/refuse-contradictions.ts";
import { refuseOverwriting } from "./options/refuse-overwriting.ts";
import { initCommand } from "./policy/init-command.ts";
import { waiveCommand } from "./policy/waive-command.ts";
import { profileCommand } from "./profile/profile-command.ts";
import { loginCommand, logoutCommand } from "./registry/login-command.ts";
import { registryCommand } from "./registry/registry-command.ts";
import { verifyCommand } from "./registry/verify-command.ts";
import { convertCommand } from "./scan/convert-command.ts";
import { psCommand } from "./scan/ps-command.ts";
import { sbomCommand } from "./scan/sbom-command.ts";
import { scanCommand } from "./scan/scan-command.ts";
import { whyNotCommand } from "./scan/why-not-command.ts";
import { completionCommand } from "./terminal/completion-command.ts";
import { endOnFailedOutput } from "./terminal/end-on-failed-output.ts";
import { ExitCode, type Outcome } from "./terminal/exit-code.ts";
import { explainErrorCommand } from "./terminal/explain-error-command.ts";
import { explainUnexpected } from "./terminal/explain-unexpected.ts";
import { addHelpOptions } from "./terminal/help-all.ts";
import { writeError, writeOut } from "./terminal/output.ts";
import { usageMessage } from "./terminal/usage-message.ts";
import { updateCommand } from "./update/update-command.ts";
import { eventsCommand } from "./watch/events-command.ts";
import { rulesCommand } from "./watch/rules-command.ts";
import { watchCommand } from "./watch/watch-command.ts";

/** Runs the program with these arguments and returns its exit code; it writes to stdout and stderr and never throws. */
export async function run(args: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  // A command that has a use of its own for it listens too.
  const hangUp = (): void => {
    if (process.listenerCount("SIGHUP") > 1) return;
    process.off("SIGHUP", hangUp);
    interrupt();
  };
  process.on("SIGHUP", hangUp);
  process.stdout.on("error", endOnFailedOutput);
  process.stderr.on("error", () => undefined);
  const outcome = { exitCode: ExitCode.allowed as number };
  const root = program(interruption.signal, outcome);
  try {
    await root.parseAsync(args, { from: "user" });
    return outcome.exitCode;
  } catch (error) {
    const isCancelled = error instanceof PlimsollError && error.code === "cancelled";
    if (interruption.signal.aborted || isCancelled) {
      writeError("interrupted", { code: "cancelled", hint: isCancelled ? error.hint : undefined });
      return ExitCode.interrupted;
    }
    return explain(error, { args, root });
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
    process.off("SIGHUP", hangUp);
  }
}

/** All commands; also read by the documentation and by shell completion. */
export function program(signal: AbortSignal, outcome: Outcome): Command {
  const root = new Command("plimsoll")
    .version(toolVersion, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    // Without --help and --version, so that the list of commands fits 30 lines.
    .configureHelp({ visibleCommands: ({ commands }) => [...commands], visibleOptions: () => [] })
    .addHelpText(
      "before",
      ["Examples:", "  plimsoll scan nginx:1.27 --fail-on high  a local or remote image", ""].join("\n"),
    )
    .addHelpText("after", "\nExit codes: 0 allowed, 1 denied, 2 wrong usage, 3 incomplete, 130 interrupted.");
  root.hook("preAction", async (_, command) => {
    refuseEmptyValues(command);
    await refuseOverwriting(command);
  });
  root.addCommand(scanCommand(signal, outcome));
  root.addCommand(whyNotCommand(signal, outcome));
  root.addCommand(sbomCommand(signal, outcome));
  root.addCommand(psCommand(signal, outcome));
  root.addCommand(convertCommand());
  root.addCommand(verifyCommand(signal, outcome));
  root.addCommand(checkCommand(signal, outcome));
  root.addCommand(updateCommand(signal, outcome));
  root.addCommand(initCommand());
  root.addCommand(waiveCommand());
  root.addCommand(watchCommand(signal, outcome));
  root.addCommand(rulesCommand(signal, outcome));
  root.addCommand(malwareCommand(signal, outcome));
  root.addCommand(eventsCommand(signal, outcome));
  root.addCommand(profileCommand(signal, outcome));
  root.addCommand(databaseCommand(signal, outcome));
  root.addCommand(registryCommand(outcome));
  root.addCommand(loginCommand(signal));
  root.addCommand(logoutCommand(signal));
  root.addCommand(explainErrorCommand());
  root.addCommand(completionCommand(root));
  for (const command of [root, ...root.commands, ...root.commands.flatMap((child) => child.commands)]) {
    command.exitOverride().configureOutput({ writeOut, writeErr: () => undefined });
    addHelpOptions(command);
    refuseContradictions(command);
    if (command.commands.length === 0) continue;
    command.helpCommand("help [command]", "print the help of a command");
    if (command.options.length === 0) command.usage("<command>");
  }
  return root;
}

/** `--db "$DATABASE"` with a variable that is not set is a mistake, not a wish for the current folder. */
function refuseEmptyValues(command: Command): void {
  const empty = command.options.find((option) => [command.getOptionValue(option.attributeName())].flat().includes(""));
  if (empty) throw new PlimsollError("usage", `the value of ${empty.long ?? empty.flags} is empty`);
}

function explain(error: unknown, { args, root }: { readonly args: readonly string[]; readonly root: Command }): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.allowed;
    const { message, hint } = usageMessage(error, { args, root });
    writeError(message, { code: "usage", hint });
    return ExitCode.usage;
  }
  if (error instanceof PlimsollError) {
    writeError(error.lines ?? error.message, error);
    return error.code === "usage" ? ExitCode.usage : ExitCode.incomplete;
  }
  return explainUnexpected(error);
}
