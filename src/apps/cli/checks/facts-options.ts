import { writeFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { reasonOf } from "../../../io/reason-of.ts";
import { PlimsollError } from "../../../model/error.ts";
import type { machineFacts } from "../../../pipeline/check/machine-facts.ts";
import { dockerAccess, namedOrExistingDatabase } from "../environment.ts";

/** Where facts of a machine come from, and whether they are kept. */
export interface FactsFlags {
  readonly facts?: string;
  readonly save?: string;
  readonly root?: string;
}

/** Where facts of a host or an engine come from, and the advisory database for its container runtimes. */
export interface MachineFlags extends FactsFlags {
  readonly db?: string;
}

/** Facts as checks take them. */
type CollectedFacts = Awaited<ReturnType<typeof machineFacts>>;

/** Adds the options that say where facts come from. */
export function addFactsOptions(command: Command): Command {
  return command
    .option("--save <file>", "save the collected facts, without secrets, to a file")
    .addOption(
      new Option("--facts <file>", "check the facts in a saved file instead of this machine").conflicts("root"),
    )
    .option("--root <dir>", "folder where the host's root file system is mounted");
}

/** Adds the options of {@link MachineFlags}. */
export function addMachineOptions(command: Command): Command {
  return addFactsOptions(command).option("--db <file>", "advisory database for container runtimes");
}

/**
 * Collects the facts of a host or an engine, or reads them from a file, and saves them if `--save` is given. Container
 * runtimes get the advisories of the distribution from `--db` or the user's database.
 *
 * Errors: those of the file, `output-not-written`, `database-not-found`, `database-malformed`, `facts-malformed`.
 */
export async function facts(
  { facts: factsFile, save, root, db }: MachineFlags,
  options: { readonly withEngine: boolean; readonly signal: AbortSignal },
): Promise<CollectedFacts> {
  const { machineFacts } = await import("../../../pipeline/check/machine-facts.ts");
  const collected = await machineFacts(
    {
      ...(factsFile !== undefined && { factsFile }),
      ...(root !== undefined && { root }),
      docker: dockerAccess(),
      now: new Date(),
      signal: options.signal,
    },
    options,
  );
  await saveFacts(collected, save);
  const database = db ?? namedOrExistingDatabase();
  if (database === undefined) return collected;
  const { withRuntimeAdvisories } = await import("../../../pipeline/check/with-runtime-advisories.ts");
  return withRuntimeAdvisories(collected, database, new Date());
}

/** Writes facts to a file that only its owner can read, when one is wanted. Error: `output-not-written`. */
export async function saveFacts(collected: CollectedFacts, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const { factsBytes } = await import("../../../pipeline/check/machine-facts.ts");
  try {
    writeFileSync(path, factsBytes(collected), { mode: 0o600 });
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    throw new PlimsollError("output-not-written", `${path} cannot be written: ${reasonOf(cause)}`, { cause });
  }
}
