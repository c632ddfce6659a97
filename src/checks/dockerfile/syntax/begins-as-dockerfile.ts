import { instructionError } from "./instruction-error.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

/** Far more than what stands above the first instruction of a file. */
const longestStart = 64 * 1024;
const syntaxDirective = /^\uFEFF?(?:#[^\n]*\n)*#[ \t]*syntax[ \t]*=/i;

/**
 * Whether a text begins as the grammar of Dockerfiles demands: after directives and comments, with an instruction
 * `FROM` or `ARG` that BuildKit accepts. Also true when comments fill the examined start, and for a `syntax` directive,
 * whose front end may have a grammar of its own: BuildKit can build both.
 */
export function beginsAsDockerfile(text: string): boolean {
  const { instructions, errors } = parseDockerfile(text.slice(0, longestStart));
  const [first] = instructions;
  if (syntaxDirective.test(text) || (!first && text.length > longestStart)) return true;
  if (!first || (first.keyword !== "FROM" && first.keyword !== "ARG")) return false;
  return instructionError(first) === undefined && !errors.some(({ line }) => line <= first.endLine);
}
