import type { ImageAccounts, ImageFacts, ImageFiles } from "../../checks/image/image-facts.ts";
import { ImageFileCollector } from "../../checks/image/image-file-collector.ts";
import { readAccounts } from "../../checks/image/read-accounts.ts";
import { readImageConfiguration } from "../../checks/image/read-image-configuration.ts";
import type { Fact } from "../../model/checks/fact.ts";
import type { OpenFile } from "../../model/images/file.ts";
import { ImageBudget } from "../../model/images/image-budget.ts";
import type { TreeEntry, TreeVisitor } from "../../model/images/tree.ts";
import { LayerCover } from "../../sources/image/layer-cover.ts";
import { whiteoutOf } from "../../sources/image/whiteout-of.ts";
import type { OpenTree } from "../targets/open-target.ts";

const accountFiles = { "etc/passwd": "passwd", "etc/shadow": "shadow", "etc/group": "group" } as const;
const largestAccountFile = 4 * 1024 * 1024;

/**
 * The facts of an opened image: its config, and the files that are there when all layers are joined. A layer that
 * cannot be walked to its end makes the files and accounts unavailable. Error: `cancelled`.
 */
export async function collectImage(image: OpenTree, signal: AbortSignal): Promise<ImageFacts> {
  const { target, config, trees } = image;
  const collector = new ImageFileCollector();
  const texts: Partial<Record<"passwd" | "shadow" | "group", string>> = {};
  const cover = new LayerCover();
  const budget = new ImageBudget();
  let refused: string | undefined;
  let unread: string | undefined;
  // From the top down, so that what is above has been seen before what it hides.
  for (const { tree, name, standsAlone } of trees.toReversed()) {
    const layer = new LayerVisitor(cover, { collector, texts, standsAlone: standsAlone === true });
    try {
      await tree.walk(layer, { signal, budget });
    } catch (error) {
      signal.throwIfAborted();
      refused ??= `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
    unread ??= layer.unread;
    cover.settle(layer);
  }
  const fact = <T>(value: T): Fact<T> => (refused === undefined ? { value } : { unavailable: refused });
  return {
    tags: target.tags ?? [],
    config: config
      ? { value: readImageConfiguration(config) }
      : { unavailable: "a folder does not have an image config" },
    files: fact<ImageFiles>(collector.finish()),
    accounts: unread === undefined ? fact<ImageAccounts>(readAccounts(texts)) : { unavailable: unread },
  };
}

class LayerVisitor implements TreeVisitor {
  readonly whiteouts: string[] = [];
  readonly opaques: string[] = [];
  /** Why a file of accounts that counts was not read. */
  unread: string | undefined;
  readonly #cover: LayerCover;
  readonly #collector: ImageFileCollector;
  readonly #texts: Partial<Record<"passwd" | "shadow" | "group", string>>;
  readonly #standsAlone: boolean;
  /** The file of accounts that was asked for last. */
  #asked: string | undefined;

  constructor(
    cover: LayerCover,
    {
      collector,
      texts,
      standsAlone,
    }: {
      readonly collector: ImageFileCollector;
      readonly texts: Partial<Record<"passwd" | "shadow" | "group", string>>;
      readonly standsAlone: boolean;
    },
  ) {
    this.#cover = cover;
    this.#collector = collector;
    this.#texts = texts;
    this.#standsAlone = standsAlone;
  }

  entry(entry: TreeEntry): boolean {
    const { path, type } = entry;
    const whiteout = this.#standsAlone ? undefined : whiteoutOf(path);
    if (whiteout) {
      if (whiteout.kind === "opaque") this.opaques.push(whiteout.folder);
      else if (whiteout.kind === "removal") this.whiteouts.push(whiteout.path);
      return false;
    }
    this.#cover.pend(path, type === "directory");
    if (this.#cover.hides(path)) return false;
    this.#collector.add(entry);
    if (!isAccountFile(path)) return false;
    if (type !== "file") this.unread ??= `/${path} is not a regular file`;
    else if (entry.size > largestAccountFile) this.unread ??= `/${path} is larger than ${largestAccountFile} bytes`;
    else {
      this.#asked = path;
      return true;
    }
    return false;
  }

  /** Only accounts are read. */
  foresee({ path, type }: TreeEntry): "body" | "nothing" {
    return type === "file" && isAccountFile(path) ? "body" : "nothing";
  }

  file({ path }: TreeEntry, file: OpenFile): void {
    if (isAccountFile(path)) this.#texts[accountFiles[path]] = Buffer.from(file.read(0, file.size)).toString("utf8");
  }

  /** What a tar cannot name safely is not a file that an image could use. */
  refused({ path, reason }: { readonly path: string; readonly reason: string }): void {
    if (path === this.#asked) this.unread ??= `/${path} was passed over: ${reason}`;
  }
}

function isAccountFile(path: string): path is keyof typeof accountFiles {
  return Object.hasOwn(accountFiles, path);
}
