import { type Command, CommanderError, Option } from "commander";

/**
 * Gives a command its `--help`, and where that leaves out options to be short, says so there and adds `--help-all`,
 * which prints all of them.
 */
export function addHelpOptions(command: Command): void {
  const hasMore = command.options.some(({ hidden }) => hidden);
  command.helpOption("-h, --help", hasMore ? "print this help; --help-all: all options" : "print this help");
  if (!hasMore) return;
  const helpAll = new Option("--help-all", "print all options").hideHelp();
  command.addOption(helpAll);
  // Before anything else is looked at, as --help: what the command needs may be missing.
  command.on("option:help-all", () => {
    const usual = command.createHelp();
    command.configureHelp({
      visibleOptions: (shown) => [
        ...shown.options.filter((option) => option !== helpAll),
        ...usual.visibleOptions(shown).filter(({ long }) => long === "--help"),
      ],
    });
    command.helpOption("-h, --help", "print a shorter help").outputHelp();
    throw new CommanderError(0, "commander.helpDisplayed", "(outputHelp)");
  });
}
