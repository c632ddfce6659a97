import { memoryFile } from "../../io/bytes/memory-file.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { isProblemOfLayer } from "./is-problem-of-layer.ts";
import type { FileFacts } from "./layer-inventory.ts";
import type { VisibleFile } from "./merge-layers.ts";
import { readFollowUps, type WalkedLayers } from "./read-follow-ups.ts";

/** Bytes of a file that completes another one: it is held in memory while that one is read. */
const largestCompletion = 64 * 1024 * 1024;

/** The files of a merged tree, of which some were read once more. */
export interface CompletedFiles {
  readonly files: readonly VisibleFile[];
  readonly problems: readonly Problem[];
  /** The layers that were not proved by these walks, see `WalkOptions.inPart`. */
  readonly inPart: ReadonlySet<number>;
}

/**
 * Reads again, in further walks, each file that another one completes, and gives it the facts of the two together.
 * Where that cannot be done it is a problem, because packages may be missing, and so is why a walk did not come to its
 * end. Error: `cancelled`.
 */
export async function readCompleted(files: readonly VisibleFile[], walked: WalkedLayers): Promise<CompletedFiles> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const together = new Map<VisibleFile, FileFacts>();
  const problems: Problem[] = [];
  const inPart = new Set<number>();
  for (const { path, at = path, layer, facts } of files) {
    for (const extraction of facts.extractions) {
      if (extraction.kind !== "completes") continue;
      const known = byPath.get(extraction.path);
      const isWhole = known && walked.inventories[known.layer]?.complete && walked.inventories[layer]?.complete;
      const body = isWhole ? await bodyOf(at, { layer, walked, inPart: () => inPart.add(layer) }) : undefined;
      const completedBy = body?.file;
      const again =
        known && completedBy
          ? await readFollowUps(
              [{ layer: known.layer, path: known.at ?? known.path, as: known.path, completedBy }],
              walked,
            )
          : undefined;
      const [read] = again?.files ?? [];
      // What it says of a path calls that a link, which this one is not.
      const ofWalk = again?.problems.filter((problem) => problem.path === undefined) ?? [];
      problems.push(...(body?.problem ? [body.problem] : ofWalk));
      if (known && read) together.set(known, read.facts);
      else problems.push(unread(path, extraction.path));
      for (const index of again?.inPart ?? []) inPart.add(index);
    }
  }
  const completed = files.map((file) => ({ ...file, facts: together.get(file) ?? file.facts }));
  return { files: together.size === 0 ? files : completed, problems, inPart };
}

function unread(path: string, of: string): Problem {
  const message = `${path} contains changes to ${of} that were not read, so packages may be missing`;
  return { code: "unreadable", message, path };
}

interface Body {
  /** A copy of the file; undefined when it is not there, is too large, or the walk does not come to its end. */
  readonly file?: OpenFile | undefined;
  /** Why the walk does not come to its end. */
  readonly problem?: Problem;
}

/** A file of a layer, by a further walk. Error: `cancelled`. */
async function bodyOf(
  path: string,
  { layer, walked, inPart }: { readonly layer: number; readonly walked: WalkedLayers; readonly inPart: () => void },
): Promise<Body> {
  const { tree, cacheKey } = walked.layers[layer] ?? {};
  const { signal, budget, shared } = walked.options;
  let found: OpenFile | undefined;
  const visitor = {
    entry: (entry: { type: string; path: string; size: number }) =>
      entry.type === "file" && entry.path === path && entry.size <= largestCompletion,
    foresee: (entry: { path: string }) => (entry.path === path ? ("body" as const) : ("nothing" as const)),
    file: (_: unknown, file: OpenFile) => {
      found = memoryFile(path, Buffer.from(file.read(0, file.size)), file.mode);
    },
    refused: () => undefined,
  };
  try {
    await tree?.walk(visitor, { signal, budget, inPart, only: new Set([path]) });
    return { file: found };
  } catch (error) {
    if (!isProblemOfLayer(error)) throw error;
    const isLost = error.code !== "limit-exceeded";
    if (isLost && cacheKey !== undefined) shared?.lost(cacheKey, "again");
    return { problem: { code: isLost ? "unreadable" : "limit-exceeded", message: error.message } };
  }
}
