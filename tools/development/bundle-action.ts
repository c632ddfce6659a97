import { join, resolve } from "node:path";
import { rolldown } from "rolldown";

const root = resolve(import.meta.dirname, "../..");

/** The files of the bundle: the entry, and those in which threads begin. */
const entries: Readonly<Record<string, string>> = {
  "main.js": "src/apps/action/main.ts",
  "layer-worker.js": "src/pipeline/inventory/layer-worker.ts",
  "clamd-worker.js": "src/engines/clamd/clamd-worker.ts",
  "range-hash-worker.js": "src/io/range-hash/range-hash-worker.ts",
};

/**
 * Bundles the GitHub Action into a folder, each entry with all that it imports. The runner starts it from the repository,
 * so a release commit contains it; the same sources give the same bytes.
 */
export async function bundleAction(output: string): Promise<void> {
  for (const [name, input] of Object.entries(entries)) {
    const bundle = await rolldown({
      cwd: root,
      input,
      platform: "node",
      checks: { ineffectiveDynamicImport: false },
      onLog(_, { code, message }) {
        throw new Error(`${code}: ${message}`);
      },
    });
    try {
      await bundle.write({ file: join(output, name), format: "esm", minify: true, codeSplitting: false });
    } finally {
      await bundle.close();
    }
  }
}

if (import.meta.main) await bundleAction(join(root, "dist/action"));
