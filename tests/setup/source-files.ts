import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The top folder of the repository. */
export const repository: string = join(import.meta.dirname, "../..");

/** A file of the product's source. */
export interface SourceFile {
  /** From `src`, with `/`: `pipeline/scan/scan.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every file of the product under `src`: tests, conformance suites and what only they use are left out. */
export function sourceFiles(): readonly SourceFile[] {
  return globSync("**/*.ts", { cwd: join(repository, "src") })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !/(?:\.test|\/conformance|-fixtures|\/synthetic-[a-z-]+)\.ts$|\/fixtures\//.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(repository, "src", path), "utf8") }));
}
