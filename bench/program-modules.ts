import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { scan } from "../src/library.ts";
import type { NamedPackage } from "./match-packages.ts";
import { findProgram } from "./measure.ts";

/** Go programs of many modules that a machine for benches has. */
const programs = ["trivy", "osv-scanner"];

/**
 * The modules of Go programs at their versions, as many as asked for: beyond their number copies with the names that the copies of
 * records have. Empty when none of the programs is installed.
 */
export async function programModules(wanted: number): Promise<readonly NamedPackage[]> {
  const paths = programs.flatMap((name) => findProgram(name) ?? []);
  if (paths.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-programs-"));
  try {
    for (const path of paths) copyFileSync(path, join(folder, basename(path)));
    const { packages } = await scan(folder, { offline: true });
    const modules = packages.flatMap(({ type, name, version }) =>
      type === "golang" && version !== "" ? [{ ecosystem: "Go", name, version }] : [],
    );
    if (modules.length === 0) throw new Error(`no modules were found in ${paths.join(" and ")}`);
    const copies: NamedPackage[] = [];
    for (let copy = 0; copies.length < wanted; copy++) {
      const suffix = copy === 0 ? "" : `-${copy}`;
      const some = modules.slice(0, wanted - copies.length);
      copies.push(...some.map((module) => ({ ...module, name: `${module.name}${suffix}` })));
    }
    return copies;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
