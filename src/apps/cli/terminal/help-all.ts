import { type Command, CommanderError, Option } from "commander";

/**
 * Gives a command its `--help`, and where that leaves out options to be short, says so there and adds `--help-all`,
 * which prints all of them.
 */
export function addHelpOptions(command: Command): void {
  command.configureHelp({ ...command.configureHelp(), optionDescription });
  const hasMore = command.options.some(({ hidden }) => hidden);
  command.helpOption("-h, --help", hasMore ? "print this help; --help-all: all options" : "print this help");
  if (!hasMore) return;
  const helpAll = new Option("--help-all", "print all options").hideHelp();
  command.addOption(helpAll);
  // Before anything else is looked at, as --help: what the command needs may be missing.
  command.on("option:help-all", () => {
    const usual = command.createHelp();
    command.configureHelp({
      ...command.configureHelp(),
      visibleOptions: (shown) => [
        ...shown.options.filter((option) => option !== helpAll),
        ...usual.visibleOptions(shown).filter(({ long }) => long === "--help"),
      ],
    });
    command.helpOption("-h, --help", "print a shorter help").outputHelp();
    throw new CommanderError(0, "commander.helpDisplayed", "(outputHelp)");
  });
}

/** The description with the default value, and the choices if it does not contain them. */
function optionDescription(option: Option): string {
  const { description, argChoices, defaultValue, defaultValueDescription } = option;
  const hasDefault = defaultValue !== undefined && (option.required || option.optional);
  const details = [
    ...(argChoices?.some((choice) => !description.includes(choice)) ? [argChoices.join(", ")] : []),
    ...(hasDefault ? [`default: ${defaultValueDescription ?? String(defaultValue)}`] : []),
  ];
  return details.length === 0 ? description : `${description} (${details.join("; ")})`;
}
