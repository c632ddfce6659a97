import { type GitPlace, gitOutput } from "./run-git.ts";

/** A state of a file, and the oldest commit that has it. */
export interface GitBlob {
  /** Hexadecimal. */
  readonly id: string;
  /** From the folder that is read, `/` between names. */
  readonly path: string;
  /** Hexadecimal. */
  readonly commit: string;
}

const submodule = "160000";
const symlink = "120000";

/**
 * Every state that a file below the folder ever had in a commit which a branch, a tag, the stash or the reflog reaches,
 * each once at a path that is wanted, oldest commits first. Errors: those of {@link gitOutput}.
 */
export async function* gitBlobs(place: GitPlace, isWanted: (path: string) => boolean): AsyncGenerator<GitBlob> {
  const seen = new Set<string>();
  let commit = "";
  let change: GitChange | undefined;
  const args = ["log", "--all", "--reflog", "--topo-order", "--reverse", "--root", "-c", "--raw", "--no-abbrev"];
  const format = ["--no-renames", "--no-color", "--no-ext-diff", "-z", "--format=%x01%H", "--relative", "--", "."];
  for await (const field of fieldsOf(gitOutput([...args, ...format], place))) {
    if (change) {
      const { id, mode } = change;
      change = undefined;
      if (/^0+$/.test(id) || mode === submodule || mode === symlink || seen.has(id) || !isWanted(field)) continue;
      seen.add(id);
      yield { id, path: field, commit };
      continue;
    }
    const text = field.trimStart();
    if (text.startsWith("\u0001")) commit = text.slice(1).trim();
    else if (text.startsWith(":")) change = parseChange(text);
  }
}

interface GitChange {
  readonly id: string;
  readonly mode: string;
}

/** `:100644 100644 OLD NEW M`; of a merge `::MODE MODE MODE OLD OLD NEW MM`, with a colon for each parent. */
function parseChange(text: string): GitChange {
  const parents = text.search(/[^:]/);
  const words = text.slice(parents).split(" ");
  return { mode: words[parents] ?? "", id: words[2 * parents + 1] ?? "" };
}

/** Fields that end in NUL. */
async function* fieldsOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
      yield bytes.toString("utf8", start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}
