import type { HostView } from "../../../model/checks/host-view.ts";
import { trimEnd } from "../../../model/text/trim-end.ts";
import type { AuditOutput, AuditRunner } from "../run-definition.ts";
import { type CommandResult, HostRefusal, wrote } from "./command.ts";
import { hostCommands } from "./host-commands.ts";
import { matchesGlob } from "./matches-glob.ts";
import { type Command, type List, type Pipeline, parseScript, ScriptRefusal, type Word } from "./parse-script.ts";
import { textCommands } from "./text-commands.ts";

const mostCommands = 20_000;
const largestOutput = 4 * 1024 * 1024;
const deepestScript = 4;
/** Output of all commands together. */
const mostWritten = 64 * 1024 * 1024;

/**
 * Answers the scripts of definition files without a shell and without starting a program: those that only use the part
 * of the shell's language and the commands that are known here (`ps`, `stat`, `find`, `cat`, `test`, `grep`, `sed`, …),
 * which look at `/proc` and files. Every other script has no answer; the reason says what it uses.
 */
export function nativeAuditRunner(host: HostView): AuditRunner {
  return async (script) => {
    try {
      return await new ScriptRun(host).run(parseScript(script));
    } catch (error) {
      if (error instanceof ScriptRefusal) return { unavailable: `this audit needs a shell: ${error.message}` };
      if (error instanceof HostRefusal) return { unavailable: error.message };
      throw error;
    }
  };
}

/** What a part of a script wrote, both streams in one, and how it ended. */
interface Written {
  readonly output: string;
  readonly errors: string;
  readonly status: number;
}

class ScriptRun {
  readonly #host: HostView;
  readonly #variables = new Map<string, string>();
  #commands = 0;
  #depth = 0;
  #written = 0;
  #lastStatus = 0;
  /** Errors of scripts whose output became a part of a word. */
  #innerErrors = "";

  constructor(host: HostView) {
    this.#host = host;
  }

  async run(list: List): Promise<AuditOutput> {
    const { output, errors, status } = await this.#list(list, "");
    return { output: this.#innerErrors + errors + output, ...(status !== 0 && { error: `exit status ${status}` }) };
  }

  async #list(list: List, input: string): Promise<Written> {
    let output = "";
    let errors = "";
    let status = 0;
    for (const pipeline of list) {
      if (pipeline.after === "success" && status !== 0) continue;
      if (pipeline.after === "failure" && status === 0) continue;
      const written = await this.#pipeline(pipeline, input);
      output += written.output;
      errors += written.errors;
      status = written.status;
      if (output.length + errors.length > largestOutput) throw new HostRefusal("the audit writes too much output");
    }
    return { output, errors, status };
  }

  async #pipeline({ commands, negated }: Pipeline, input: string): Promise<Written> {
    let output = input;
    let errors = "";
    let status = 0;
    for (const command of commands) {
      const written = await this.#command(command, output);
      output = written.output;
      errors += written.errors;
      status = written.status;
      if (output.length > largestOutput) throw new HostRefusal("the audit writes too much output");
    }
    return { output, errors, status: negated ? Number(status === 0) : status };
  }

  async #command(command: Command, input: string): Promise<Written> {
    if (command.kind === "if") {
      let before = wrote("");
      for (const { condition, body } of command.branches) {
        const asked = await this.#list(condition, input);
        before = joined(before, asked);
        if (asked.status === 0) return joined(before, await this.#list(body, input));
      }
      const { otherwise } = command;
      return joined(before, otherwise ? await this.#list(otherwise, input) : wrote(""));
    }
    if (command.kind === "for") {
      let all = wrote("");
      for (const word of command.words) {
        for (const value of await this.#expand(word)) {
          this.#variables.set(command.name, value);
          all = joined(all, await this.#list(command.body, input));
        }
      }
      return all;
    }
    const words: string[] = [];
    for (const word of command.words) words.push(...(await this.#expand(word)));
    // A command before which a variable is set sees it in its environment, which no command here looks at.
    let status = 0;
    for (const { name, value } of command.assignments) {
      const { text, status: last } = await this.#joinedValue(value);
      this.#variables.set(name, text);
      status = last;
    }
    const result = words.length === 0 ? wrote("", status) : await this.#run(words, input);
    return {
      output: command.dropsOutput ? "" : result.output,
      errors: command.dropsErrors ? "" : result.errors,
      status: result.status,
    };
  }

  async #run(words: readonly string[], input: string): Promise<CommandResult> {
    if (++this.#commands > mostCommands) throw new HostRefusal("the audit runs too many commands");
    const [name = "", ...args] = words;
    const plain = name.replace(/^\/(?:usr\/)?s?bin\//, "");
    const command = commandNamed(plain);
    if (!command) throw new ScriptRefusal(`it runs ${plain}`);
    const result = await command(args, {
      host: this.#host,
      input,
      run: (others, given) => this.#run(others, given),
      runScript: (script, given) => this.#nested(script, given),
    });
    this.#written += result.output.length + result.errors.length;
    if (this.#written > mostWritten) throw new HostRefusal("the audit writes too much output");
    return result;
  }

  async #nested(script: string, input: string): Promise<CommandResult> {
    if (++this.#depth > deepestScript) throw new ScriptRefusal("the script is nested too deeply");
    const written = await this.#list(parseScript(script), input);
    this.#depth--;
    return written;
  }

  /**
   * The values of a word: split at spaces where an expansion is not quoted; a pattern of one folder becomes the paths
   * that it matches.
   */
  async #expand(word: Word): Promise<readonly string[]> {
    const fields: { text: string; pattern: string | undefined }[] = [];
    let open: { text: string; pattern: boolean } | undefined;
    const close = (): void => {
      if (open) fields.push({ text: open.text, pattern: open.pattern ? open.text : undefined });
      open = undefined;
    };
    for (const part of word) {
      const value = await this.#partValue(part);
      if (part.kind === "text" || part.quoted) {
        const isPattern: boolean = !part.quoted && /[*?]/.test(value);
        open = { text: bounded((open?.text ?? "") + value), pattern: (open?.pattern ?? false) || isPattern };
        continue;
      }
      const pieces = value.split(/[ \t\n]+/);
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) close();
        if (piece !== "") open = { text: (open?.text ?? "") + piece, pattern: open?.pattern ?? false };
      }
    }
    close();
    const values: string[] = [];
    for (const { text, pattern } of fields) {
      const paths = pattern === undefined ? [] : await this.#matching(pattern);
      values.push(...(paths.length > 0 ? paths : [text]));
    }
    return values;
  }

  async #matching(pattern: string): Promise<readonly string[]> {
    const end = pattern.lastIndexOf("/");
    const folder = pattern.slice(0, end);
    if (end <= 0) return [];
    if (/[*?]/.test(folder)) throw new ScriptRefusal(`the file pattern ${pattern} is not supported`);
    const names = await this.#host.list(folder);
    if (names === undefined) return [];
    if ("unavailable" in names) throw new HostRefusal(names.unavailable);
    const wanted = pattern.slice(end + 1);
    const found = names.filter((name) => !name.startsWith(".") && matchesGlob(wanted, name));
    return found.map((name) => `${folder}/${name}`);
  }

  async #joinedValue(word: Word): Promise<{ readonly text: string; readonly status: number }> {
    let text = "";
    for (const part of word) text = bounded(text + (await this.#partValue(part)));
    return { text, status: word.some(({ kind }) => kind === "output") ? this.#lastStatus : 0 };
  }

  async #partValue(part: Word[number]): Promise<string> {
    if (part.kind === "text") return part.text;
    if (part.kind === "variable") {
      const value = this.#variables.get(part.name);
      if (value === undefined) throw new ScriptRefusal(`the variable ${part.name} is not set in the script`);
      return value;
    }
    const written = await this.#list(part.list, "");
    this.#lastStatus = written.status;
    this.#innerErrors += written.errors;
    return trimEnd(written.output, "\n");
  }
}

function bounded(text: string): string {
  if (text.length > largestOutput) throw new HostRefusal("the audit builds a string that is too long");
  return text;
}

function commandNamed(name: string): (typeof hostCommands)[string] | undefined {
  if (Object.hasOwn(hostCommands, name)) return hostCommands[name];
  return Object.hasOwn(textCommands, name) ? textCommands[name] : undefined;
}

function joined(before: Written, after: Written): Written {
  return { output: before.output + after.output, errors: before.errors + after.errors, status: after.status };
}
