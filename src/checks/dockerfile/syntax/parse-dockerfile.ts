import type {
  Dockerfile,
  DockerfileComment,
  DockerfileError,
  Heredoc,
  Instruction,
  TextSegment,
} from "./dockerfile.ts";
import { heredocStarts } from "./heredocs.ts";
import { type InstructionParts, splitInstruction } from "./split-instruction.ts";

// BuildKit's own limits are one line of 64 KiB and no limit for the file.
const longestLine = 65_535;
const largestFile = 4 * 1024 * 1024;
const mostInstructions = 20_000;
const mostErrors = 100;
const knownDirectives = new Set(["syntax", "escape", "check"]);

/**
 * Reads a Dockerfile as BuildKit's parser does: directives, continued lines with comments and empty lines among them,
 * heredocs, JSON arguments. What BuildKit would stop at is an error of the result, and reading goes on with the next
 * instruction. Source: Dockerfile reference; behaviour of moby/buildkit's frontend/dockerfile/parser.
 */
export function parseDockerfile(text: string): Dockerfile {
  if (text.length > largestFile) {
    const error = {
      line: 1,
      message: `the file is larger than ${largestFile} characters`,
    };
    return { ...emptyDockerfile, errors: [error] };
  }
  return new DockerfileReader(text).read();
}

const emptyDockerfile: Dockerfile = {
  escape: "\\",
  directives: new Map(),
  instructions: [],
  comments: [],
  emptyContinuations: [],
  errors: [],
  lines: 0,
};

class DockerfileReader {
  readonly #lines: readonly string[];
  readonly #directives = new Map<string, string>();
  readonly #instructions: Instruction[] = [];
  readonly #comments: DockerfileComment[] = [];
  readonly #emptyContinuations: number[] = [];
  readonly #errors: DockerfileError[] = [];
  #escape: "\\" | "`" = "\\";
  #directivesMayFollow = true;
  /** Lines taken so far. */
  #taken = 0;
  /** The comments above the instruction that comes next. */
  #above: string[] = [];

  constructor(text: string) {
    const lines = text.replace(/^\uFEFF/, "").split("\n");
    if (lines.at(-1) === "") lines.pop();
    this.#lines = lines;
  }

  read(): Dockerfile {
    while (this.#taken < this.#lines.length && this.#errors.length < mostErrors) {
      if (this.#instructions.length === mostInstructions) {
        this.#errors.push({ line: this.#taken, message: `more than ${mostInstructions} instructions` });
        break;
      }
      this.#readNext();
    }
    if (this.#instructions.length === 0 && this.#errors.length === 0)
      this.#errors.push({
        line: Math.max(1, this.#taken),
        message: "the file has no instructions",
      });
    return {
      escape: this.#escape,
      directives: this.#directives,
      instructions: this.#instructions,
      comments: this.#comments,
      emptyContinuations: this.#emptyContinuations,
      errors: this.#errors,
      lines: this.#lines.length,
    };
  }

  #readNext(): void {
    const raw = this.#takeLine();
    const line = this.#taken;
    const text = raw.trim() === "" ? "" : withoutLineBreak(raw).trimStart();
    if (this.#readDirective(text)) return;
    if (isComment(raw)) {
      this.#readComment(raw);
      return;
    }
    const first = this.#withoutContinuation(text);
    if (first === undefined && text === "") return;
    const joined = this.#readContinued(first ?? text, {
      line,
      continues: first !== undefined,
    });
    this.#addInstruction(joined, line);
    this.#above = [];
  }

  #takeLine(): string {
    const raw = this.#lines[this.#taken] ?? "";
    this.#taken += 1;
    if (raw.length <= longestLine) return raw;
    this.#errors.push({
      line: this.#taken,
      message: `the line is longer than ${longestLine} characters`,
    });
    return "";
  }

  /** Directives stand before everything else, each once. */
  #readDirective(text: string): boolean {
    if (!this.#directivesMayFollow) return false;
    const match = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/.exec(text.trimEnd());
    const name = match?.[1]?.toLowerCase();
    const value = match?.[2];
    if (name === undefined || value === undefined || !knownDirectives.has(name)) {
      this.#directivesMayFollow = false;
      return false;
    }
    if (this.#directives.has(name)) this.#fail(`the directive ${name} may be used only once`);
    else if (name !== "escape") this.#directives.set(name, value);
    else if (value === "`" || value === "\\") {
      this.#directives.set(name, value);
      this.#escape = value;
    } else this.#fail("the escape character must be a backslash or a backtick");
    return true;
  }

  #readComment(raw: string): void {
    const text = raw.trim().slice(1).trim();
    this.#comments.push({ line: this.#taken, text });
    // BuildKit looks behind the first character of the line, whatever it is: an indented comment keeps its sign.
    const above = raw.slice(1).trim();
    if (above === "") this.#above = [];
    else this.#above.push(above);
  }

  /** What stands before a continuation character at the end; `undefined` when there is none. */
  #withoutContinuation(text: string): string | undefined {
    let length = text.length;
    while (text[length - 1] === " " || text[length - 1] === "\t") length -= 1;
    const end = text.slice(0, length);
    if (!end.endsWith(this.#escape) || end.at(-2) === this.#escape) return undefined;
    return end.slice(0, -1);
  }

  #readContinued(
    first: string,
    { line, continues }: { readonly line: number; readonly continues: boolean },
  ): { text: string; segments: TextSegment[] } {
    const parts = [first];
    const segments: TextSegment[] = [{ offset: 0, line }];
    let offset = first.length;
    let open = continues;
    let hasEmptyLine = false;
    while (open && this.#taken < this.#lines.length) {
      const raw = this.#takeLine();
      this.#directivesMayFollow = false;
      if (isComment(raw)) {
        this.#comments.push({
          line: this.#taken,
          text: raw.trim().slice(1).trim(),
        });
        continue;
      }
      const whole = withoutLineBreak(raw);
      if (whole.trim() === "") {
        hasEmptyLine = true;
        continue;
      }
      const part = this.#withoutContinuation(whole);
      open = part !== undefined;
      parts.push(part ?? whole);
      segments.push({ offset, line: this.#taken });
      offset += (part ?? whole).length;
    }
    if (hasEmptyLine) this.#emptyContinuations.push(this.#taken);
    return { text: parts.join(""), segments };
  }

  #addInstruction({ text, segments }: { text: string; segments: TextSegment[] }, line: number): void {
    if (text.trim() === "") return;
    const parts = splitInstruction(text, this.#escape);
    if ("error" in parts) {
      this.#errors.push({ line, message: parts.error });
      return;
    }
    const heredocs = mayHaveHeredocs(parts) && text.includes("<<") ? this.#readHeredocs(text, line) : [];
    const place = {
      heredocs,
      comments: this.#above,
      line,
      endLine: this.#taken,
      segments,
    };
    this.#instructions.push(placed(parts, { ...place, text }));
  }

  #readHeredocs(text: string, line: number): Heredoc[] {
    const starts = heredocStarts(text);
    if ("error" in starts) {
      this.#errors.push({ line, message: starts.error });
      return [];
    }
    const heredocs: Heredoc[] = [];
    for (const start of starts) {
      const first = this.#taken + 1;
      const content: string[] = [];
      let closed = false;
      while (!closed && this.#taken < this.#lines.length) {
        const raw = this.#takeLine();
        const whole = withoutLineBreak(raw);
        closed = (start.chomp ? whole.replace(/^\t+/, "") : whole) === start.name;
        if (!closed) content.push(`${raw}\n`);
      }
      if (!closed)
        this.#errors.push({
          line,
          message: `the heredoc ${/^\w{1,40}$/.test(start.name) ? `${start.name} ` : ""}is not closed`,
        });
      heredocs.push({ ...start, content: content.join(""), line: first });
    }
    return heredocs;
  }

  #fail(message: string): void {
    this.#errors.push({ line: this.#taken, message });
  }
}

function isComment(raw: string): boolean {
  return raw.trimStart().startsWith("#");
}

function withoutLineBreak(raw: string): string {
  let length = raw.length;
  while (raw[length - 1] === "\r") length -= 1;
  return raw.slice(0, length);
}

function mayHaveHeredocs(parts: InstructionParts): boolean {
  const { keyword, json } = parts.keyword === "ONBUILD" ? (parts.trigger ?? parts) : parts;
  return !json && (keyword === "ADD" || keyword === "COPY" || keyword === "RUN");
}

type Place = Pick<Instruction, "heredocs" | "comments" | "line" | "endLine" | "segments" | "text">;

/** A trigger stands at the end of its instruction's text. */
function placed(parts: InstructionParts, place: Place): Instruction {
  const { trigger, ...own } = parts;
  if (trigger === undefined) return { ...own, ...place };
  const cut = place.text.trimEnd().length - trigger.text.length;
  const segments = place.segments.map(({ offset, line }) => ({
    offset: Math.max(0, offset - cut),
    line,
  }));
  return {
    ...own,
    ...place,
    trigger: placed(trigger, { ...place, text: trigger.text, segments }),
  };
}
