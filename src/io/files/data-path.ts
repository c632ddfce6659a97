import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Where a file or folder below `data/` lies beside the program: above this module, whether run from source, bundled or
 * compiled.
 */
export function dataPath(name: string): string {
  return besideProgram(join("data", name));
}

/** As {@link dataPath}, for a file below `docs/` that the package has. */
export function documentPath(name: string): string {
  return besideProgram(join("docs", name));
}

function besideProgram(path: string): string {
  let folder = import.meta.dirname;
  for (let level = 0; level < 5; level++) {
    const candidate = join(folder, path);
    if (existsSync(candidate)) return candidate;
    folder = dirname(folder);
  }
  return join(import.meta.dirname, path);
}
