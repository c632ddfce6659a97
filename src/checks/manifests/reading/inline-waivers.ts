import type { InlineWaiver } from "../../../model/checks/inline-waiver.ts";
import { readWaiverComment, waiverMarker } from "../../waiver-comment.ts";
import type { DocumentText } from "./manifest-document.ts";

const comment = /(?:^|[ \t])#[ \t]*plimsoll:ignore([^\n]*)$/;

/** What {@link readInlineWaivers} found. */
export interface InlineWaivers {
  readonly waivers: readonly InlineWaiver[];
  /** Comments that mean to be one and cannot be read; lines from 1. */
  readonly mistakes: readonly {
    readonly line: number;
    readonly message: string;
  }[];
}

/**
 * The comments `# plimsoll:ignore ID[,ID] until=2027-01-01 reason=…` of a document. One on a line of its own is for the
 * block that the next line begins, and at the left edge for the whole document; one behind a value is for that value
 * and what is in it.
 */
export function readInlineWaivers({ text, line: firstLine }: DocumentText): InlineWaivers {
  if (!text.includes(waiverMarker)) return { waivers: [], mistakes: [] };
  const lines = text.split("\n");
  const scopes = new Scopes(lines);
  const waivers: InlineWaiver[] = [];
  const mistakes: { line: number; message: string }[] = [];
  lines.forEach((content, index) => {
    const match = content.includes(waiverMarker) ? comment.exec(content) : null;
    if (!match) return;
    const line = firstLine + index;
    const written = readWaiverComment(match[1] ?? "");
    if ("message" in written) {
      mistakes.push({ line, message: written.message });
      return;
    }
    const { ids, ...options } = written;
    const scope = scopes.of(index);
    const lines = { line, firstLine: firstLine + scope.first, lastLine: firstLine + scope.last };
    for (const id of ids) waivers.push({ id, ...options, ...lines });
  });
  return { waivers, mistakes };
}

/**
 * The lines that a comment on a line is for, as indices. Many comments together take no longer than the lines that they
 * are in.
 */
class Scopes {
  readonly #lines: readonly string[];
  /** By the first line of a block, its last one. */
  readonly #ends = new Map<number, number>();
  #nextContent: Int32Array | undefined;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  of(index: number): { readonly first: number; readonly last: number } {
    const lines = this.#lines;
    const isAlone = /^[ \t]*#/.test(lines[index] ?? "");
    const first = isAlone ? this.#contentFrom(index) : index;
    const indent = indentOf(lines[first] ?? "");
    if (isAlone && (indent === 0 || first >= lines.length)) return { first: 0, last: lines.length - 1 };
    const last = this.#ends.get(first) ?? this.#endOf(first, indent);
    this.#ends.set(first, last);
    return { first, last };
  }

  /** The first line from there on that is neither empty nor a comment. */
  #contentFrom(index: number): number {
    const lines = this.#lines;
    if (!this.#nextContent) {
      this.#nextContent = new Int32Array(lines.length + 1).fill(lines.length);
      for (let at = lines.length - 1; at >= 0; at--) {
        this.#nextContent[at] = isAside(lines[at] ?? "") ? (this.#nextContent[at + 1] ?? at) : at;
      }
    }
    return this.#nextContent[index] ?? lines.length;
  }

  #endOf(first: number, indent: number): number {
    const lines = this.#lines;
    let last = first;
    for (let at = first + 1; at < lines.length; at++) {
      const line = lines[at] ?? "";
      if (isAside(line)) continue;
      const isItem = indentOf(line) === indent && /^[ ]*- /.test(line) && !/^[ ]*- /.test(lines[first] ?? "");
      if (indentOf(line) <= indent && !isItem) break;
      last = at;
    }
    return last;
  }
}

function isAside(line: string): boolean {
  return /^[ \t]*(?:#|$)/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
