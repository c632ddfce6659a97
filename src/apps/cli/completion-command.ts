import { Argument, Command } from "commander";
import { writeOut } from "./output.ts";

/** `plimsoll completion SHELL`: a script that completes commands and options, made from the commands themselves. */
export function completionCommand(root: Command): Command {
  return new Command("completion")
    .summary("print a completion script for a shell")
    .description("Print a completion script for a shell.")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(["bash", "zsh", "fish"]))
    .addHelpText("before", "Examples:\n  source <(plimsoll completion bash)\n")
    .action((shell: string) => {
      const words = wordsOf(root, []);
      writeOut(
        shell === "fish"
          ? fish(words)
          : shell === "zsh"
            ? `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`
            : bash(words),
      );
    });
}

interface Words {
  /** The command, for example `db build`; empty for the program itself. */
  readonly path: readonly string[];
  readonly words: readonly string[];
}

function wordsOf(command: Command, path: readonly string[]): Words[] {
  const children = command.commands.filter((child) => child.name() !== "help");
  const options = command.options.map((option) => option.long ?? option.short ?? "");
  return [
    { path, words: [...children.map((child) => child.name()), ...options, "--help"] },
    ...children.flatMap((child) => wordsOf(child, [...path, child.name()])),
  ];
}

function bash(all: readonly Words[]): string {
  const cases = [...all]
    .sort((a, b) => b.path.length - a.path.length)
    .map(({ path, words }) => `    "${path.join(" ")}"*) words="${words.join(" ")}" ;;`);
  return [
    "_plimsoll() {",
    '  local words="" current="$' + '{COMP_WORDS[COMP_CWORD]}" line="$' + '{COMP_WORDS[*]:1:COMP_CWORD-1}"',
    '  case "$line" in',
    ...cases,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -o default -F _plimsoll plimsoll",
    "",
  ].join("\n");
}

function fish(all: readonly Words[]): string {
  return all
    .flatMap(({ path, words }) =>
      words.map((word) => {
        const condition = path.length === 0 ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.at(-1)}`;
        const what = word.startsWith("--") ? `-l ${word.slice(2)}` : `-a ${word}`;
        return `complete -c plimsoll -n '${condition}' ${what}\n`;
      }),
    )
    .join("");
}
