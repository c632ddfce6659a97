// The part of the shell's language that audits of definition files are written in:
//
//   list      pipeline (("&&" | "||" | ";" | newline) pipeline)*
//   pipeline  ["!"] command ("|" command)*
//   command   "if" list "then" list ("elif" list "then" list)* ["else" list] "fi" | "for" name "in" word* "do" list
//             "done" | simple
//   simple    (name "=" word)* word* ("2>/dev/null" | ">/dev/null" | "2>&1")*
//   word      text, 'quoted', "quoted", $name, ${name}, $(list), `list`
//
// All else is refused, so that nothing is answered that was not understood.

/** A piece of a word. `quoted`: it is neither split into words nor a pattern. */
export type WordPart =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  | { readonly kind: "variable"; readonly name: string; readonly quoted: boolean }
  | { readonly kind: "output"; readonly list: List; readonly quoted: boolean };

/** A word: literal parts, variables, and outputs of other commands. */
export type Word = readonly WordPart[];

/** One command: a program with words, a condition, or a loop. */
export type Command =
  | {
      readonly kind: "simple";
      readonly assignments: readonly { readonly name: string; readonly value: Word }[];
      readonly words: readonly Word[];
      /** What it writes to this stream is thrown away. */
      readonly dropsErrors: boolean;
      readonly dropsOutput: boolean;
    }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise: List | undefined;
    }
  | { readonly kind: "for"; readonly name: string; readonly words: readonly Word[]; readonly body: List };

/** Commands joined by pipes, and when they run. */
export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
  /** When it runs: always, or as the one before it ended. */
  readonly after: "always" | "success" | "failure";
}

/** Pipelines one after the other. */
export type List = readonly Pipeline[];

/** A script uses what is not understood here: a clause. */
export class ScriptRefusal extends Error {
  override readonly name = "ScriptRefusal";
}

const longestScript = 64 * 1024;
const deepest = 16;
const reserved: ReadonlySet<string> = new Set(["then", "elif", "else", "fi", "do", "done"]);

/** Parses a script. Error: {@link ScriptRefusal}. */
export function parseScript(script: string, depth = 0): List {
  if (script.length > longestScript) throw new ScriptRefusal(`the script is longer than ${longestScript} characters`);
  if (depth > deepest) throw new ScriptRefusal("the script is nested too deeply");
  const parser = new ScriptParser(script, depth);
  const list = parser.list();
  parser.expectEnd();
  return list;
}

class ScriptParser {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;
  #nesting = 0;

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  list(): List {
    if (++this.#nesting > deepest) throw new ScriptRefusal("the script is nested too deeply");
    const pipelines: Pipeline[] = [];
    let after: Pipeline["after"] = "always";
    for (;;) {
      this.#skip(after === "always" ? /[\s;]/ : /\s/);
      if (this.#isEnd() || reserved.has(this.#peekWord())) break;
      pipelines.push(this.#pipeline(after));
      this.#skip(/[ \t]/);
      after = this.#take("&&") ? "success" : this.#take("||") ? "failure" : "always";
    }
    if (after !== "always") throw new ScriptRefusal("a command is missing at the end of the script");
    this.#nesting--;
    return pipelines;
  }

  expectEnd(): void {
    if (!this.#isEnd()) throw new ScriptRefusal(`unexpected ${JSON.stringify(this.#peekWord() || this.#character())}`);
  }

  #pipeline(after: Pipeline["after"]): Pipeline {
    const negated = this.#peekWord() === "!" && this.#takeWord("!");
    const commands = [this.#command()];
    for (;;) {
      this.#skip(/[ \t]/);
      if (this.#text.startsWith("||", this.#at) || !this.#take("|")) break;
      this.#skip(/\s/);
      commands.push(this.#command());
    }
    return { negated, commands, after };
  }

  #command(): Command {
    this.#skip(/[ \t]/);
    const word = this.#peekWord();
    if (word === "if") return this.#if();
    if (word === "for") return this.#for();
    if (/^(?:while|until|case|function|select|\{|\()/.test(word) || this.#character() === "(") {
      throw new ScriptRefusal(`${word || "("} is not supported`);
    }
    return this.#simple();
  }

  #if(): Command {
    const branches: { condition: List; body: List }[] = [];
    this.#takeWord("if");
    do {
      const condition = this.list();
      this.#expectWord("then");
      branches.push({ condition, body: this.list() });
    } while (this.#takeWord("elif"));
    const otherwise = this.#takeWord("else") ? this.list() : undefined;
    this.#expectWord("fi");
    return { kind: "if", branches, otherwise };
  }

  #for(): Command {
    this.#takeWord("for");
    this.#skip(/[ \t]/);
    const name = this.#peekWord();
    if (!/^\w+$/.test(name)) throw new ScriptRefusal("a for loop has no variable");
    this.#takeWord(name);
    this.#expectWord("in");
    const words: Word[] = [];
    for (let word = this.#word(); word !== undefined; word = this.#word()) words.push(word);
    this.#skip(/[\s;]/);
    this.#expectWord("do");
    const body = this.list();
    this.#expectWord("done");
    return { kind: "for", name, words, body };
  }

  #simple(): Command {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    let dropsErrors = false;
    let dropsOutput = false;
    for (;;) {
      this.#skip(/[ \t]/);
      const redirect = /^(2>&1|(?:2|1|&)?>[ \t]*\/dev\/null)/.exec(this.#text.slice(this.#at, this.#at + 40))?.[1];
      if (redirect !== undefined) {
        this.#at += redirect.length;
        dropsErrors ||= redirect.startsWith("2>") ? redirect !== "2>&1" : redirect.startsWith("&");
        dropsOutput ||= !redirect.startsWith("2");
        continue;
      }
      const name = words.length === 0 ? /^(\w+)=/.exec(this.#text.slice(this.#at, this.#at + 200))?.[1] : undefined;
      if (name !== undefined) {
        this.#at += name.length + 1;
        assignments.push({ name, value: this.#word() ?? [] });
        continue;
      }
      const word = this.#word();
      if (word === undefined) break;
      words.push(word);
    }
    if (words.length === 0 && assignments.length === 0) {
      throw new ScriptRefusal(`unexpected ${JSON.stringify(this.#character())}`);
    }
    return { kind: "simple", assignments, words, dropsErrors, dropsOutput };
  }

  /** The next word of a command; undefined where the command ends. */
  #word(): Word | undefined {
    this.#skip(/[ \t]/);
    const parts: WordPart[] = [];
    let text = "";
    const flush = (): void => {
      if (text !== "") parts.push({ kind: "text", text, quoted: false });
      text = "";
    };
    for (;;) {
      const character = this.#character();
      if (character === "" || /[\s;|&)]/.test(character)) break;
      if (/[<>(]/.test(character)) throw new ScriptRefusal(`${character} is not supported`);
      if (character === "'" || character === '"' || character === "$" || character === "`") {
        flush();
        parts.push(...this.#special(character));
      } else if (character === "\\") {
        const next = this.#text[this.#at + 1] ?? "";
        this.#at += 2;
        if (next !== "\n") {
          flush();
          parts.push({ kind: "text", text: next, quoted: true });
        } else if (parts.length === 0 && text === "") this.#skip(/[ \t]/);
      } else if (character === "#" && parts.length === 0 && text === "") {
        this.#skip(/[^\n]/);
        break;
      } else {
        text += character;
        this.#at++;
      }
    }
    flush();
    return parts.length === 0 ? undefined : parts;
  }

  #special(character: string): readonly WordPart[] {
    if (character === "'") {
      const end = this.#text.indexOf("'", this.#at + 1);
      if (end < 0) throw new ScriptRefusal("a quote is not closed");
      const text = this.#text.slice(this.#at + 1, end);
      this.#at = end + 1;
      return [{ kind: "text", text, quoted: true }];
    }
    if (character === '"') return this.#doubleQuoted();
    return [this.#expansion(false)];
  }

  #doubleQuoted(): readonly WordPart[] {
    const parts: WordPart[] = [];
    let text = "";
    this.#at++;
    for (;;) {
      const character = this.#character();
      if (character === "") throw new ScriptRefusal("a quote is not closed");
      if (character === '"') break;
      if (character === "$" || character === "`") {
        if (text !== "") parts.push({ kind: "text", text, quoted: true });
        text = "";
        parts.push(this.#expansion(true));
      } else if (character === "\\") {
        const next = this.#text[this.#at + 1] ?? "";
        text += /["$`\\]/.test(next) ? next : next === "\n" ? "" : `\\${next}`;
        this.#at += 2;
      } else {
        text += character;
        this.#at++;
      }
    }
    this.#at++;
    // An empty pair of quotes is a word of its own.
    if (text !== "" || parts.length === 0) parts.push({ kind: "text", text, quoted: true });
    return parts;
  }

  #expansion(quoted: boolean): WordPart {
    if (this.#take("$(")) {
      if (this.#character() === "(") throw new ScriptRefusal("it calculates");
      const list = this.list();
      if (!this.#take(")")) throw new ScriptRefusal("a $( is not closed");
      return { kind: "output", list, quoted };
    }
    if (this.#take("`")) {
      const end = this.#text.indexOf("`", this.#at);
      if (end < 0) throw new ScriptRefusal("a ` is not closed");
      const list = parseScript(this.#text.slice(this.#at, end), this.#depth + 1);
      this.#at = end + 1;
      return { kind: "output", list, quoted };
    }
    const variable = /^\$(?:\{(\w+)\}|([A-Za-z_]\w*))/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (variable) {
      this.#at += variable[0].length;
      return { kind: "variable", name: variable[1] ?? variable[2] ?? "", quoted };
    }
    this.#at++;
    if (/[\s"'/]/.test(this.#character()) || this.#character() === "") return { kind: "text", text: "$", quoted };
    throw new ScriptRefusal("the script uses an unsupported expansion");
  }

  #character(): string {
    return this.#text[this.#at] ?? "";
  }

  #isEnd(): boolean {
    return this.#at >= this.#text.length || this.#character() === ")";
  }

  #skip(characters: RegExp): void {
    for (;;) {
      if (this.#text.startsWith("\\\n", this.#at)) this.#at += 2;
      // `;;` and `&` at the end of a command are not understood and stay.
      else if (this.#at < this.#text.length && characters.test(this.#character())) this.#at++;
      else break;
    }
    const isComment = this.#character() === "#" && (this.#at === 0 || /\s/.test(this.#text[this.#at - 1] ?? ""));
    if (!isComment || !characters.test("\n")) return;
    while (this.#at < this.#text.length && this.#character() !== "\n") this.#at++;
    this.#skip(characters);
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** The letters up to the next space or sign of the language. */
  #peekWord(): string {
    return /^[^\s;|&()<>"'`$\\]+/.exec(this.#text.slice(this.#at, this.#at + 200))?.[0] ?? "";
  }

  #takeWord(word: string): boolean {
    if (this.#peekWord() !== word) return false;
    this.#at += word.length;
    return true;
  }

  #expectWord(word: string): void {
    this.#skip(/[\s;]/);
    if (!this.#takeWord(word)) throw new ScriptRefusal(`${word} is missing`);
  }
}
