import type { Extractor } from "../../extractors/extractor.ts";
import type { OpenFile } from "../../model/images/file.ts";
import type { Tree, TreeEntry, TreeVisitor } from "../../model/images/tree.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { FileMatcher } from "./file-matcher.ts";
import type { InventoryLayer, InventoryOptions } from "./inventory.ts";
import { isProblemOfLayer } from "./is-problem-of-layer.ts";
import { type FileFacts, factsOf, type LayerInventory, mostProblems, union } from "./layer-inventory.ts";
import type { FollowUp } from "./merge-layers.ts";

/** What was found in a layer that was walked once more. */
export interface SecondWalk {
  /** By the name that was wanted. */
  readonly found: ReadonlyMap<string, FileFacts>;
  readonly problems: readonly Problem[];
  /** True when the layer was not proved, see `WalkOptions.inPart`. */
  readonly inPart: boolean;
  /** True when the walk did not come to its end, and would elsewhere perhaps: a layer is as large everywhere. */
  readonly isLost: boolean;
  /** By the name that was wanted, why the walk passed over the file. */
  readonly refused?: ReadonlyMap<string, Refusal>;
}

type Refusal = Pick<Parameters<TreeVisitor["refused"]>[0], "reason" | "limit">;

/** A file under the name that was wanted for it. */
export interface FollowUpFile {
  readonly path: string;
  /** Where its bytes are. */
  readonly at: string;
  readonly layer: number;
  readonly facts: FileFacts;
  readonly below: [];
}

/** Layers of which stock was taken, lowest first, and how. */
export interface WalkedLayers {
  readonly layers: readonly InventoryLayer[];
  readonly inventories: readonly LayerInventory[];
  readonly matcher: FileMatcher;
  readonly options: InventoryOptions;
}

/**
 * Reads files of already walked layers again, each layer once, and once more where files that were wanted are hard
 * links. What a layer does not hold is a problem. Error: `cancelled`.
 */
export async function readFollowUps(
  followUps: readonly FollowUp[],
  { layers, inventories, matcher, options }: WalkedLayers,
): Promise<{ files: FollowUpFile[]; problems: Problem[]; inPart: ReadonlySet<number> }> {
  const files: FollowUpFile[] = [];
  const problems: Problem[] = [];
  const inPart = new Set<number>();
  let dangling = 0;
  for (const [layer, ofLayer] of Map.groupBy(followUps, (followUp) => followUp.layer)) {
    const { tree, cacheKey, inPartKey } = layers[layer] ?? {};
    if (!tree || inventories[layer]?.complete !== true) continue;
    const walk = (): Promise<SecondWalk> => findAgain(tree, ofLayer, { matcher, options });
    const question = JSON.stringify(ofLayer.map(({ path, as }) => [path, as]));
    const again =
      options.shared && cacheKey !== undefined && !ofLayer.some(({ completedBy }) => completedBy)
        ? await options.shared.secondWalk(inPartKey ?? cacheKey, question, walk)
        : await walk();
    problems.push(...again.problems);
    if (again.inPart) inPart.add(layer);
    if (again.isLost && cacheKey !== undefined) options.shared?.lost(cacheKey, "again");
    for (const { path, as } of ofLayer) {
      const facts = again.found.get(as);
      if (facts) files.push({ path: as, at: path, layer, facts, below: [] });
      else if (++dangling <= mostProblems) {
        const { reason, limit = false } = again.refused?.get(as) ?? {};
        const missing = again.problems.length > 0 ? "was not reached" : "its layer does not contain";
        const fault = reason === undefined ? missing : `could not be read: ${reason}`;
        problems.push({
          code: limit ? "limit-exceeded" : "unreadable",
          path: as,
          message: `${as} is a link to ${path}, which ${fault}`,
        });
      }
    }
  }
  if (dangling > mostProblems) {
    const more = dangling - mostProblems;
    problems.push({
      code: "unreadable",
      message: `${more} more links point to files that their layers do not contain`,
    });
  }
  return { files, problems, inPart };
}

type ReadOptions = Pick<WalkedLayers, "matcher" | "options">;

/**
 * Files of one layer under the names that are wanted for them; one that is a hard link is the file which that names.
 */
async function findAgain(tree: Tree, followUps: readonly FollowUp[], options: ReadOptions): Promise<SecondWalk> {
  const first = await walkAgain(tree, followUps, options);
  const linked = followUps.flatMap((followUp) => {
    const path = first.found.has(followUp.as) ? undefined : first.hardlinks.get(followUp.path);
    return path === undefined ? [] : [{ ...followUp, path }];
  });
  if (linked.length === 0) return first;
  const second = await walkAgain(tree, linked, options);
  return {
    found: new Map([...first.found, ...second.found]),
    problems: [...first.problems, ...second.problems],
    inPart: first.inPart || second.inPart,
    isLost: first.isLost || second.isLost,
    refused: new Map([...first.refused, ...second.refused]),
  };
}

interface OneWalk extends SecondWalk {
  /** The hard links at paths that were wanted: path and path of the file. */
  readonly hardlinks: ReadonlyMap<string, string>;
  readonly refused: ReadonlyMap<string, Refusal>;
}

async function walkAgain(
  tree: Tree,
  followUps: readonly FollowUp[],
  { matcher, options }: ReadOptions,
): Promise<OneWalk> {
  const wanted = Map.groupBy(followUps, ({ path }) => path);
  const found = new Map<string, FileFacts>();
  const hardlinks = new Map<string, string>();
  const refused = new Map<string, Refusal>();
  /** Hard links keep the file that they were made of when another takes its place. */
  const settled = new Set<string>();
  let byMagic: readonly Extractor[] = [];
  let isInPart = false;
  const inPart = (): void => {
    isInPart = true;
  };
  const visitor = {
    entry({ type, path, link }: TreeEntry, head: Uint8Array) {
      byMagic = matcher.byMagic(head);
      if (type === "hardlink") {
        if (wanted.has(path)) hardlinks.set(path, link);
        if (wanted.has(link) && found.has(path)) settled.add(path);
      }
      return type === "file" && wanted.has(path);
    },
    foresee: ({ path }: TreeEntry) => (wanted.has(path) ? ("body" as const) : ("nothing" as const)),
    file(entry: TreeEntry, file: OpenFile) {
      for (const { as, completedBy } of wanted.get(entry.path) ?? []) {
        if (settled.has(as)) continue;
        const facts = factsOf(
          { ...file, path: as, ...(completedBy && { completedBy }) },
          union(matcher.byPath(as), byMagic),
          {
            signal: options.signal,
            keep: (path) => matcher.mayHoldPackage(path),
          },
        );
        found.set(as, facts);
      }
    },
    refused({ path, reason, limit }: Refusal & { readonly path: string }) {
      for (const { as } of wanted.get(path) ?? []) refused.set(as, { reason, limit });
    },
  };
  try {
    await tree.walk(visitor, { signal: options.signal, budget: options.budget, inPart, only: new Set(wanted.keys()) });
  } catch (error) {
    if (!isProblemOfLayer(error)) throw error;
    const isLost = error.code !== "limit-exceeded";
    const problem: Problem = { code: isLost ? "unreadable" : "limit-exceeded", message: error.message };
    return { found, hardlinks, problems: [problem], inPart: isInPart, isLost, refused };
  }
  return { found, hardlinks, problems: [], inPart: isInPart, isLost: false, refused };
}
