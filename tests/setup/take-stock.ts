import { extractors as builtin } from "../../src/extractors/builtin.ts";
import type { Extractor } from "../../src/extractors/extractor.ts";
import { type Inventory, inventory } from "../../src/pipeline/inventory/inventory.ts";
import { InventoryCache } from "../../src/pipeline/inventory/inventory-cache.ts";
import { type OpenTargetOptions, type OpenTree, openTarget } from "../../src/pipeline/targets/open-target.ts";

/** How a test takes stock of a target; nothing is verified or cached unless it says so. */
export interface StockOptions extends Partial<OpenTargetOptions> {
  readonly extractors?: readonly Extractor[];
  readonly cacheFolder?: string;
  /** Only the layers up to this one. */
  readonly upTo?: number;
}

/** What a target says about itself and what is in it. */
export interface Stock extends Pick<OpenTree, "target" | "layers" | "unexamined">, Inventory {}

/** Opens a target, takes its inventory and closes it. */
export async function takeStock(target: string, options: StockOptions = {}): Promise<Stock> {
  const { extractors = builtin, cacheFolder, upTo, signal = new AbortController().signal, ...rest } = options;
  using opened = await openTarget(target, { verifyDigests: false, signal, ...rest });
  if (opened.form !== "tree") throw new Error(`${target} is an SBOM`);
  const cache = new InventoryCache(cacheFolder, extractors);
  const trees = upTo === undefined ? opened.trees : opened.trees.slice(0, upTo + 1);
  const taken = await inventory(trees, { extractors, cache, signal });
  return { target: opened.target, layers: opened.layers, unexamined: opened.unexamined, ...taken };
}

/**
 * An extractor that wants every file with a body: each becomes a package that is named by the path and has the content, or
 * its length when it is long, as version. It shows tests the tree that the program sees.
 */
export const everyFile: Extractor = {
  id: "test/every-file",
  revision: 1,
  files: [{ magic: Array.from({ length: 256 }, (_, byte) => [byte]) }],
  *extract(file) {
    const version = file.size > 16_384 ? `${file.size} bytes` : Buffer.from(file.read(0, file.size)).toString("utf8");
    yield { kind: "package", package: { type: "generic", name: file.path, version } };
  },
};

/** The files with a body that a target's merged tree holds: path and content, or length when it is long. */
export async function visibleFiles(target: string, options: StockOptions = {}): Promise<Record<string, string>> {
  const { packages } = await takeStock(target, { ...options, extractors: [everyFile] });
  return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
}
