import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeWithFolder } from "../../../io/files/cache-file.ts";
import { reasonOf } from "../../../io/reason-of.ts";
import { defaultCacheFolder } from "../environment.ts";
import { writeNote } from "../terminal/output.ts";
import type { TargetFlags } from "./target-options.ts";

/** As much as a file system gives room to at a time. */
const probeBytes = 4096;

/**
 * Says when nothing can be kept in the folder that `--cache` names; for a run that has something to keep. A cache is
 * never a reason to fail, and the usual one was not requested.
 */
export function remarkOnCache({ cache: folder }: Pick<TargetFlags, "cache">): void {
  if (typeof folder !== "string" || folder === defaultCacheFolder()) return;
  const probe = join(folder, `probe.${randomUUID()}`);
  try {
    writeWithFolder(probe, Buffer.alloc(probeBytes));
  } catch (cause) {
    writeNote(`cannot write to the cache ${folder}: ${reasonOf(cause)}`);
  }
  if (existsSync(probe)) rmSync(probe, { force: true });
}
