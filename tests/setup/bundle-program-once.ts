import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleProgram } from "../../tools/development/bundle-program.ts";

const root = resolve(import.meta.dirname, "../..");

/**
 * Global set-up of the tests that start the program: bundles the sources once, since a bundle starts in half the processor
 * time, and sets `PLIMSOLL_PROGRAM` to it unless the variable is set. Returns the function that removes the bundle.
 */
export default async function bundleProgramOnce(): Promise<() => void> {
  if (process.env["PLIMSOLL_PROGRAM"] !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bundle-"));
  // Some tests start the program as another user.
  chmodSync(folder, 0o755);
  for (const name of ["data", "docs", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  await bundleProgram(root, join(folder, "dist"));
  process.env["PLIMSOLL_PROGRAM"] = join(folder, "dist/plimsoll.js");
  return () => rmSync(folder, { recursive: true, force: true });
}
