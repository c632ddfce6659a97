// Divides a POSIX shell script into simple commands: enough of the grammar (POSIX.1-2024, "Shell Command Language", 2.2
// and 2.10) to know which words stand together, what is quoted, and what is piped into what. Nothing is executed or
// expanded. Commands within $( ), ` `, <( ) and the arguments of `sh -c` are found too.

/** A simple command of a script. */
export interface ShellCommand {
  /** Without quotes, assignments and redirections; variables stand as written. */
  readonly words: readonly string[];
  /** `NAME=value` before the first word. */
  readonly assignments: readonly {
    readonly name: string;
    readonly value: string;
  }[];
  /** Redirections as written, `>file`, `<<EOF`. */
  readonly redirections: readonly string[];
  /** What joins it to the command before in the list. */
  readonly operator: "" | ";" | "&" | "&&" | "||" | "|";
  /** The command whose output it reads. */
  readonly pipedFrom?: ShellCommand;
  /** The command whose word a substitution of this one is part of. */
  readonly within?: ShellCommand;
  /** Where it begins and ends in the script, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

/** A divided script. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  /** Why the shell would refuse it, or why the rest was not read. */
  readonly error?: string;
}

const deepest = 24;
const mostCommands = 20_000;
const leading = new Set(["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"]);
const closing = new Set(["fi", "done", "esac", "}"]);
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)\+?=([\s\S]*)$/;

/** Divides a script. */
export function splitShell(script: string): ShellScript {
  return new ShellReader(script).read();
}

type OpenCommand = {
  -readonly [Key in keyof ShellCommand]: ShellCommand[Key] extends readonly (infer Item)[] ? Item[] : ShellCommand[Key];
} & {
  /** Commands of substitutions in its words. */
  inner: ShellCommand[];
  /** True after `case` or `for`, whose words are not a command. */
  skips: boolean;
};

class ShellReader {
  readonly #script: string;
  #position = 0;
  #inBackquotes = false;
  #error: string | undefined;
  #commands = 0;

  constructor(script: string) {
    this.#script = script;
  }

  read(): ShellScript {
    const commands = this.#list(undefined, 0);
    return this.#error === undefined ? { commands } : { commands, error: this.#error };
  }

  /** Commands up to an end character, which stays, or to the end. */
  #list(stop: ")" | "`" | undefined, depth: number): ShellCommand[] {
    if (depth > deepest) this.#error = "commands are nested too deeply";
    const commands: ShellCommand[] = [];
    let last: ShellCommand | undefined;
    let command = this.#open("", undefined);
    let groups = 0;
    const close = (operator: ShellCommand["operator"]): void => {
      last = finish(command, commands) ?? last;
      this.#commands += 1;
      if (this.#commands > mostCommands) this.#error ??= `more than ${mostCommands} commands`;
      command = this.#open(operator, last);
    };
    while (this.#position < this.#script.length && this.#error === undefined) {
      const next = this.#script[this.#position] ?? "";
      if (next === stop && groups === 0) break;
      if (next === " " || next === "\t" || next === "\r") this.#position += 1;
      else if (this.#script.startsWith("\\\n", this.#position)) this.#position += 2;
      else if (next === "#") this.#skipComment();
      else if (next === "\n" || next === "(" || next === ")") {
        this.#position += 1;
        groups = Math.max(0, groups + (next === "(" ? 1 : next === ")" ? -1 : 0));
        close(next === "(" ? command.operator : ";");
      } else if (next === ";" || next === "|" || (next === "&" && this.#script[this.#position + 1] !== ">"))
        close(this.#operator());
      else this.#word(command, depth);
    }
    close("");
    return commands;
  }

  #open(operator: ShellCommand["operator"], before: ShellCommand | undefined): OpenCommand {
    const start = this.#position;
    const from = operator === "|" && before !== undefined ? { pipedFrom: before } : {};
    const lists = { words: [], assignments: [], redirections: [], inner: [] };
    return { ...lists, operator, ...from, start, end: start, skips: false };
  }

  #operator(): ShellCommand["operator"] {
    for (const operator of ["&&", "||", ";;", "|&", ";", "|", "&"] as const) {
      if (!this.#script.startsWith(operator, this.#position)) continue;
      this.#position += operator.length;
      if (operator === ";;") return ";";
      return operator === "|&" ? "|" : operator;
    }
    return ";";
  }

  #skipComment(): void {
    const end = this.#script.indexOf("\n", this.#position);
    this.#position = end === -1 ? this.#script.length : end;
  }

  #word(command: OpenCommand, depth: number): void {
    const start = this.#position;
    const redirection = /[0-9]{0,9}(?:&>>?|[<>]{1,3}[&|-]?)/y;
    redirection.lastIndex = start;
    const sign = redirection.exec(this.#script)?.[0];
    if (sign !== undefined && !(sign.length === 1 && this.#script[start + 1] === "(")) {
      this.#position += sign.length;
      while (/[ \t]/.test(this.#script[this.#position] ?? "")) this.#position += 1;
      const target = this.#plainWord(command, depth);
      if (command.words.length + command.assignments.length + command.redirections.length === 0) command.start = start;
      command.redirections.push(sign + target.text);
      command.end = this.#position;
      return;
    }
    const { text, quoted } = this.#plainWord(command, depth);
    if (this.#position === start) {
      this.#position += 1;
      return;
    }
    this.#place(command, { text, quoted, start });
    command.end = this.#position;
  }

  #place(command: OpenCommand, { text, quoted, start }: { text: string; quoted: boolean; start: number }): void {
    if (command.words.length === 0 && command.assignments.length === 0) {
      if (!quoted && (leading.has(text) || closing.has(text))) return;
      if (command.redirections.length === 0) command.start = start;
      command.skips = !quoted && (text === "for" || text === "case" || text === "select");
    }
    if (command.skips) {
      // The patterns of a case follow its `in`, the commands of a loop an operator.
      if (text === "in" && command.words[0] === "case") {
        command.words = [];
        command.skips = false;
      } else command.words.push(text);
      return;
    }
    const [, name, value = ""] = command.words.length === 0 ? (assignment.exec(text) ?? []) : [];
    if (name === undefined) command.words.push(text);
    else command.assignments.push({ name, value });
  }

  /** A word without its quotes. */
  #plainWord(command: OpenCommand, depth: number): { text: string; quoted: boolean } {
    const parts: string[] = [];
    let quoted = false;
    while (this.#position < this.#script.length && this.#error === undefined) {
      const next = this.#script[this.#position] ?? "";
      if (/[\s;|&()<>]/.test(next) && !this.#startsSubstitution()) break;
      if (next === "`" && depth > 0 && this.#inBackquotes) break;
      if (next === "'") {
        parts.push(this.#singleQuoted());
        quoted = true;
      } else if (next === '"') {
        parts.push(this.#doubleQuoted(command, depth));
        quoted = true;
      } else if (next === "\\") {
        if (this.#script[this.#position + 1] !== "\n") parts.push(this.#script[this.#position + 1] ?? "");
        this.#position += 2;
        quoted = true;
      } else parts.push(this.#character(command, depth));
    }
    return { text: parts.join(""), quoted };
  }

  #startsSubstitution(): boolean {
    return /[<>]/.test(this.#script[this.#position] ?? "") && this.#script[this.#position + 1] === "(";
  }

  /** The next character, or a whole substitution as written. */
  #character(command: OpenCommand, depth: number): string {
    const start = this.#position;
    const rest = this.#script.slice(start, start + 3);
    if (rest === "$((") this.#skipBalanced(start + 1, "(", ")");
    else if (rest.startsWith("$(") || /^[<>]\(/.test(rest)) this.#substitution(command, { skip: 2, stop: ")", depth });
    else if (rest.startsWith("${")) this.#skipBalanced(start + 1, "{", "}");
    else if (rest.startsWith("`") && !this.#inBackquotes) {
      this.#inBackquotes = true;
      this.#substitution(command, { skip: 1, stop: "`", depth });
      this.#inBackquotes = false;
    } else this.#position += 1;
    return this.#script.slice(start, this.#position);
  }

  #substitution(
    command: OpenCommand,
    {
      skip,
      stop,
      depth,
    }: {
      readonly skip: number;
      readonly stop: ")" | "`";
      readonly depth: number;
    },
  ): void {
    this.#position += skip;
    for (const inner of this.#list(stop, depth + 1)) command.inner.push(inner);
    if (this.#position >= this.#script.length) this.#error ??= `a substitution has no closing ${stop}`;
    this.#position += 1;
  }

  #singleQuoted(): string {
    const end = this.#script.indexOf("'", this.#position + 1);
    if (end === -1) {
      this.#error ??= "a single quote is not closed";
      this.#position = this.#script.length;
      return "";
    }
    const inner = this.#script.slice(this.#position + 1, end);
    this.#position = end + 1;
    return inner;
  }

  #doubleQuoted(command: OpenCommand, depth: number): string {
    this.#position += 1;
    const parts: string[] = [];
    while (this.#position < this.#script.length && this.#error === undefined) {
      const next = this.#script[this.#position] ?? "";
      if (next === '"') {
        this.#position += 1;
        return parts.join("");
      }
      if (next === "\\") {
        const escaped = this.#script[this.#position + 1] ?? "";
        if (escaped !== "\n") parts.push(/["$`\\]/.test(escaped) ? escaped : next + escaped);
        this.#position += 2;
      } else if (next === "<" || next === ">") {
        parts.push(next);
        this.#position += 1;
      } else parts.push(this.#character(command, depth));
    }
    this.#error ??= "a double quote is not closed";
    return parts.join("");
  }

  #skipBalanced(start: number, open: string, close: string): void {
    let depth = 0;
    let position = start;
    for (; position < this.#script.length; position++) {
      if (this.#script[position] === open) depth += 1;
      else if (this.#script[position] === close) depth -= 1;
      if (depth === 0) break;
    }
    this.#position = Math.min(position + 1, this.#script.length);
  }
}

/** Adds a command to the list, those of its substitutions behind it. */
function finish({ inner, skips, ...command }: OpenCommand, commands: ShellCommand[]): ShellCommand | undefined {
  const isEmpty = command.words.length + command.assignments.length + command.redirections.length === 0;
  const finished = isEmpty || skips ? undefined : command;
  if (finished !== undefined) commands.push(finished);
  for (const own of inner)
    commands.push(finished === undefined || own.within !== undefined ? own : Object.assign(own, { within: finished }));
  return finished;
}
