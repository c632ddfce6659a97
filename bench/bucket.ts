import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Real OSV records in the layout of the bulk export; undefined where a clone stands alone. */
export function bucketFolder(): string | undefined {
  const corpus = process.env["PLIMSOLL_CORPUS"] ?? join(import.meta.dirname, "../../shared/corpus");
  const folder = join(corpus, "osv-bucket");
  return existsSync(folder) ? folder : undefined;
}

/** The archives of a bucket, by ecosystem. */
export function bucketArchives(folder: string): readonly { readonly ecosystem: string; readonly path: string }[] {
  return readdirSync(folder)
    .map((ecosystem) => ({ ecosystem, path: join(folder, ecosystem, "all.zip") }))
    .filter(({ path }) => existsSync(path));
}
