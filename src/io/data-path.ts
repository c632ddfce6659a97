import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Where a file or folder below `data/` lies beside the program: above this module, whether run from source, bundled or
 * compiled.
 */
export function dataPath(name: string): string {
  let folder = import.meta.dirname;
  for (let level = 0; level < 5; level++) {
    const candidate = join(folder, "data", name);
    if (existsSync(candidate)) return candidate;
    folder = dirname(folder);
  }
  return join(import.meta.dirname, "data", name);
}
