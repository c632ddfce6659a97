import { chmodSync } from "node:fs";
import { join } from "node:path";
import { type OutputChunk, rolldown } from "rolldown";

/**
 * What is loaded together lies in one file, for to find and open each file of many takes longer than to read it; see
 * docs/decisions/0044-the-program-in-few-files.md. A module is in the first of these parts that one of its roots imports,
 * and what is in none of them is divided by what imports it.
 */
const parts: Readonly<Record<string, readonly string[]>> = {
  version: ["model/tool-version.ts"],
  start: [
    "apps/cli/compiled-code.ts",
    "apps/cli/terminal/exit-code.ts",
    "apps/cli/terminal/explain-unexpected.ts",
    "apps/cli/run.ts",
  ],
  layers: ["pipeline/inventory/layer-worker.ts"],
  registry: ["pipeline/targets/open-registry-image.ts", "pipeline/targets/registry-access.ts"],
  target: [
    ...["pipeline/inventory/layer-workers.ts", "pipeline/inventory/unread-files.ts"],
    ...["pipeline/scan/examine-target.ts", "pipeline/targets/podman-stores.ts"],
    ...["pipeline/targets/recognise-target.ts", "pipeline/targets/target.ts"],
    ...["reporters/json.ts", "reporters/table.ts", "sources/image-store/containers-storage.ts"],
  ],
  scan: ["pipeline/scan/scan.ts", "pipeline/scan/with-advisories.ts"],
};

/**
 * Bundles the program below `root` into the folder `output`, as `plimsoll.js` and a folder `program`. Gives the paths of
 * all that is in it, packages too. Throws when something is missing or does not compile.
 */
export async function bundleProgram(root: string, output: string): Promise<readonly string[]> {
  const bundle = await rolldown({
    cwd: root,
    // A thread begins in a file of its own, which lies beside the one that starts it.
    input: {
      plimsoll: "src/apps/cli/main.ts",
      "program/layer-worker": "src/pipeline/inventory/layer-worker.ts",
      "program/clamd-worker": "src/engines/clamd/clamd-worker.ts",
      "program/range-hash-worker": "src/io/range-hash/range-hash-worker.ts",
    },
    platform: "node",
    preserveEntrySignatures: "allow-extension",
    // What one command loads when it needs it, another one has loaded from the start.
    checks: { ineffectiveDynamicImport: false },
    onLog(_, { code, message }) {
      // What is not found would be left for Node to look for.
      throw new Error(`${code}: ${message}`);
    },
  });
  try {
    const partOf = partsIn(join(root, "src"));
    const { output: files } = await bundle.write({
      dir: output,
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "program/[name]-[hash].js",
      codeSplitting: {
        // What a part imports is in it or in one before it, so no two files need each other.
        includeDependenciesRecursively: false,
        groups: [{ name: (id, graph) => partOf(id, graph), debugName: "parts" }],
      },
    });
    chmodSync(join(output, "plimsoll.js"), 0o755);
    return files.filter((file): file is OutputChunk => file.type === "chunk").flatMap(({ moduleIds }) => moduleIds);
  } finally {
    await bundle.close();
  }
}

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Tells the part that a module is in; null for none. */
function partsIn(source: string): (id: string, graph: Graph) => string | null {
  let partOf: ReadonlyMap<string, string> | undefined;
  return (id, graph) => {
    partOf ??= partsByModule(source, graph);
    return partOf.get(id) ?? null;
  };
}

function partsByModule(source: string, graph: Graph): ReadonlyMap<string, string> {
  const partOf = new Map<string, string>();
  for (const [part, roots] of Object.entries(parts)) {
    const reached = new Set(roots.map((root) => join(source, root)));
    for (const id of reached) {
      const module = graph.getModuleInfo(id);
      if (!module) throw new Error(`${id} belongs to ${part} and is not in the program`);
      if (!partOf.has(id)) partOf.set(id, part);
      for (const imported of module.importedIds) reached.add(imported);
    }
  }
  return partOf;
}
