import { Argument, Command, type Option } from "commander";
import { writeOut } from "./output.ts";
import { SuggestingOption } from "./suggesting-option.ts";

/**
 * `plimsoll completion SHELL`: a script that completes commands, options and their values, made from the commands
 * themselves.
 */
export function completionCommand(root: Command): Command {
  return new Command("completion")
    .summary("print a completion script for a shell")
    .description("Print a completion script for a shell.")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(["bash", "zsh", "fish"]))
    .addHelpText("before", "Examples:\n  source <(plimsoll completion bash)\n")
    .action((shell: string) => {
      const commands = wordsOf(root, []);
      writeOut(shell === "fish" ? fish(commands) : shell === "zsh" ? zsh(commands) : bash(commands));
    });
}

/** What can follow a command. */
interface Words {
  /** The command, for example `db build`; empty for the program itself. */
  readonly path: string;
  readonly children: readonly string[];
  readonly options: readonly OptionWords[];
  /** What its first argument can be, where that is a choice. */
  readonly choices: readonly string[];
}

interface OptionWords {
  /** As `--fail-on`. */
  readonly long: string;
  /** As `-f`. */
  readonly short: string | undefined;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

function wordsOf(command: Command, path: readonly string[]): Words[] {
  const children = command.commands.filter((child) => child.name() !== "help");
  const options = command.options.flatMap((option) => {
    const { long, short, required, optional } = option;
    return long ? [{ long, short, takesValue: required || optional, choices: choicesOf(option) }] : [];
  });
  return [
    {
      path: path.join(" "),
      children: children.map((child) => child.name()),
      options: [...options, { long: "--help", short: "-h", takesValue: false, choices: [] }],
      choices: command.registeredArguments[0]?.argChoices ?? [],
    },
    ...children.flatMap((child) => wordsOf(child, [...path, child.name()])),
  ];
}

function choicesOf(option: Option): readonly string[] {
  return option instanceof SuggestingOption ? option.suggestions : (option.argChoices ?? []);
}

/** Where nothing is suggested, the shell completes files. */
function bash(commands: readonly Words[]): string {
  const known = commands.filter(({ path }) => path !== "").map(({ path }) => `"${path}"`);
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(({ long, short, choices }) => {
        const names = [long, ...(short ? [short] : [])].map((name) => `"${path} ${name}"`);
        return `    ${names.join("|")}) suggested="${choices.join(" ")}" ;;`;
      }),
  );
  const others = commands.flatMap(({ path, children, options, choices }) => [
    `    "${path} -") suggested="${options.map(({ long }) => long).join(" ")}" ;;`,
    `    "${path} ") suggested="${[...children, ...choices].join(" ")}" ;;`,
  ]);
  return `_plimsoll() {
  local named="" word suggested="" index joined=""
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "\${named:+$named }$word" in
      ${known.join("|")}) named="\${named:+$named }$word" ;;
    esac
  done
  [ "$current" = "=" ] && { current=""; previous="=$previous"; }
  [ "$previous" = "=" ] && previous="\${COMP_WORDS[COMP_CWORD-2]}"
  previous="\${previous#=}"
  case "$current" in
    --*=*) joined="\${current%%=*}="; previous="\${joined%=}"; current="\${current#*=}" ;;
  esac
  case "$named $previous" in
${values.join("\n")}
    *)
      case "$current" in
        -*) word="-" ;;
        *) word="" ;;
      esac
      case "$named $word" in
${others.join("\n").replace(/^/gm, "    ")}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$suggested" -- "$current"))
  if [ -n "$joined" ]; then COMPREPLY=("\${COMPREPLY[@]/#/$joined}"); fi
}
complete -o default -F _plimsoll plimsoll
`;
}

function zsh(commands: readonly Words[]): string {
  return `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly Words[]): string {
  const lines = commands.flatMap(({ path, children, options, choices }) => {
    const here = children.length > 0 ? "is" : "in";
    const entry = `complete -c plimsoll -n '__plimsoll_${here} "${path}"'`;
    const suggested = [...children, ...choices];
    return [
      ...(suggested.length > 0 ? [`${entry} -f -a '${suggested.join(" ")}'`] : []),
      ...options.map((option) => `${entry} ${namesInFish(option)}${valueInFish(option)}`),
    ];
  });
  return `function __plimsoll_named
    set -l tokens (commandline -opc)
    string match -v -- '-*' $tokens[2..-1] | string join ' '
end
function __plimsoll_is
    test (__plimsoll_named | string collect -a) = "$argv[1]"
end
function __plimsoll_in
    string match -q -- "$argv[1] *" (__plimsoll_named)' '
end
${lines.join("\n")}
`;
}

function namesInFish({ long, short }: OptionWords): string {
  return `${short ? `-s ${short.slice(1)} ` : ""}-l ${long.slice(2)}`;
}

function valueInFish({ takesValue, choices }: OptionWords): string {
  if (!takesValue) return "";
  return choices.length > 0 ? ` -x -a '${choices.join(" ")}'` : " -r";
}
