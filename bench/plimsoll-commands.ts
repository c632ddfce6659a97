import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "../tools/development/build.ts";
import { bucketFolder } from "./bucket.ts";
import type { TimedCommand } from "./measure.ts";
import { engineEnvironment, type ScanSource, withScheme } from "./scan-source.ts";

/** The built program, as users run it, and what the bench gives it. */
export interface TimedPlimsoll {
  /** Node and the bundle. */
  readonly program: readonly string[];
  /** The inventories of layers; emptied before each cold run. */
  readonly cache: string;
  /** An advisory database; without it there are the built-in advisories. */
  readonly database: string | undefined;
}

/** Builds the program, and a database of the corpus where there is one. */
export async function preparePlimsoll(folder: string): Promise<TimedPlimsoll> {
  const program = [process.execPath, join(await build(), "plimsoll.js")];
  const bucket = bucketFolder();
  const database = bucket === undefined ? undefined : join(folder, "advisories.sqlite");
  if (bucket !== undefined && database !== undefined) {
    const [node = "", ...args] = [...program, "db", "build", "--from", bucket, "--db", database, "--quiet"];
    rmSync(database, { force: true });
    execFileSync(node, args, { stdio: ["ignore", "ignore", "inherit"] });
  }
  return { program, cache: join(folder, "cache"), database };
}

/** `scan` and `sbom` of a source, with an empty cache and with a filled one. */
export function plimsollCommands(
  plimsoll: TimedPlimsoll,
  source: ScanSource,
): Readonly<Record<"cold" | "warm" | "sbom" | "warmSbom", TimedCommand>> {
  const { program, cache, database } = plimsoll;
  const target = withScheme(source);
  const env = engineEnvironment(source);
  const common = ["--quiet", "--cache", cache];
  const advisories = database === undefined ? [] : ["--db", database];
  const scan = [...program, "scan", target, "--format", "json", "--no-update", ...advisories, ...common];
  const sbom = [...program, "sbom", target, "--format", "cyclonedx", ...common];
  const prepare = (): void => rmSync(cache, { recursive: true, force: true });
  return {
    cold: { name: "plimsoll scan, empty cache", command: scan, env, prepare },
    warm: { name: "plimsoll scan, filled cache", command: scan, env },
    sbom: { name: "plimsoll sbom, empty cache", command: sbom, env, prepare },
    warmSbom: { name: "plimsoll sbom, filled cache", command: sbom, env },
  };
}
