import type { InlineWaiver } from "../../model/checks/inline-waiver.ts";
import { readWaiverComment, waiverMarker } from "../waiver-comment.ts";
import type { Dockerfile, DockerfileComment, Instruction } from "./syntax/dockerfile.ts";

/** What {@link dockerfileWaivers} found. */
export interface DockerfileWaivers {
  readonly waivers: readonly InlineWaiver[];
  /** Comments that mean to be a waiver and cannot be read. */
  readonly mistakes: readonly {
    readonly line: number;
    readonly message: string;
  }[];
}

const mostWaivers = 1000;

/**
 * The comments `# plimsoll:ignore ID[,ID] until=2027-01-01 reason=…` of a Dockerfile. One in the lines directly above
 * an instruction, or inside of it, is for that instruction; one with an empty line between it and the next instruction,
 * or after the last one, is for the whole file.
 */
export function dockerfileWaivers(dockerfile: Dockerfile): DockerfileWaivers {
  const waivers: InlineWaiver[] = [];
  const mistakes: { line: number; message: string }[] = [];
  const commentLines = new Set(dockerfile.comments.map(({ line }) => line));
  for (const comment of dockerfile.comments) {
    if (!comment.text.startsWith(waiverMarker)) continue;
    const { line } = comment;
    if (waivers.length >= mostWaivers) {
      mistakes.push({
        line,
        message: `more than ${mostWaivers} comments ${waiverMarker}`,
      });
      break;
    }
    const written = readWaiverComment(comment.text.slice(waiverMarker.length));
    if ("message" in written) {
      mistakes.push({ line, message: written.message });
      continue;
    }
    const instruction = instructionOf(comment, dockerfile.instructions, commentLines);
    const scope = {
      firstLine: instruction?.line ?? 1,
      lastLine: instruction?.endLine ?? Math.max(1, dockerfile.lines),
    };
    const { ids, ...options } = written;
    for (const id of ids) waivers.push({ id, ...options, line, ...scope });
  }
  return { waivers, mistakes };
}

function instructionOf(
  { line }: DockerfileComment,
  instructions: readonly Instruction[],
  commentLines: ReadonlySet<number>,
): Instruction | undefined {
  const next = instructions.find(({ endLine }) => endLine > line);
  if (next === undefined || next.line < line) return next;
  for (let between = line + 1; between < next.line; between++) if (!commentLines.has(between)) return undefined;
  return next;
}
