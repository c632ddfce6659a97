import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { build } from "../../tools/development/build.ts";
import { repository } from "../setup/source-files.ts";

/** What the published package is made of, beside what the build writes. */
const published = ["package.json", "README.md", "LICENSE", "data", "docs"];

/** Builds the package in a new folder `package` below the given one, as `npm run build` does. Returns its path. */
export async function buildPackage(folder: string): Promise<string> {
  const built = join(folder, "package");
  mkdirSync(built);
  for (const name of published) cpSync(join(repository, name), join(built, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(built, "node_modules"));
  await build(built);
  return built;
}

/** Runs `npm pack` for the package in `source`, and returns the path of the tarball in `folder`. */
export function packPackage(source: string, folder: string): string {
  const args = ["pack", "--ignore-scripts", "--offline", "--silent", "--pack-destination", folder, source];
  const name = execFileSync("npm", args, { cwd: folder, encoding: "utf8" }).trim();
  return join(folder, name);
}
