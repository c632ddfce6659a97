/** Text between `<<NAME` and its end, as BuildKit attaches it to an instruction. */
export interface Heredoc {
  readonly name: string;
  /** Its lines as they stand, each with its line break. */
  readonly content: string;
  /** False when the name was quoted: then no variable in the content is replaced. */
  readonly expand: boolean;
  /** True with `<<-`: tabs at the start of lines do not count. */
  readonly chomp: boolean;
  readonly descriptor: number;
  /** The line of the file on which the content begins, from 1. */
  readonly line: number;
}

/** Where a piece of an instruction's joined text stands in the file. */
export interface TextSegment {
  /** Offset in the joined text, in UTF-16 units. */
  readonly offset: number;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  /** The keyword as written. */
  readonly word: string;
  /** `--mount=type=cache`, in order, without quotes. */
  readonly flags: readonly string[];
  /**
   * The arguments as BuildKit divides them: words for `FROM`, `EXPOSE`, `COPY`, `ADD` and `VOLUME`; `name`,
   * `name=value` for `ARG`; three for each variable of `ENV` and `LABEL` (name, value with its quotes, `=` or nothing
   * in the old form); one text else, unless a JSON array divides it.
   */
  readonly args: readonly string[];
  /** True when the arguments were a JSON array. */
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
  /** The instruction that `ONBUILD` defers. */
  readonly trigger?: Instruction;
  /** The comments above it, without `#`; a comment without text parts them from those further up. */
  readonly comments: readonly string[];
  /** First and last line of the file, from 1. */
  readonly line: number;
  readonly endLine: number;
  /** Continued lines joined, without comments; heredocs are not part of it. */
  readonly text: string;
  readonly segments: readonly TextSegment[];
}

/** Something for which BuildKit would not build the file. */
export interface DockerfileError {
  /** From 1. */
  readonly line: number;
  /** One clause without a full stop. */
  readonly message: string;
}

/** A comment line of the file. */
export interface DockerfileComment {
  readonly line: number;
  /** Without `#` and outer blanks. */
  readonly text: string;
}

/** A Dockerfile, read line by line but not yet understood as stages. */
export interface Dockerfile {
  /** What continues lines and escapes characters. */
  readonly escape: "\\" | "`";
  /** `syntax`, `escape` and `check`, as far as given. */
  readonly directives: ReadonlyMap<string, string>;
  readonly instructions: readonly Instruction[];
  /** All comments that are not directives, those inside of continued instructions too. */
  readonly comments: readonly DockerfileComment[];
  /** The last lines of instructions that have an empty line among their continued lines. */
  readonly emptyContinuations: readonly number[];
  /** In order; reading goes on after each. */
  readonly errors: readonly DockerfileError[];
  /** The number of lines. */
  readonly lines: number;
}

/** The line on which an offset of the instruction's joined text stands. */
export function lineAt({ segments, line }: Instruction, offset: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return segments[low - 1]?.line ?? line;
}
