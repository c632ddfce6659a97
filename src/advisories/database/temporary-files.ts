import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isProcessGone, processMark } from "../../io/processes/process-mark.ts";

// Unfinished files lie beside the database, so that the finished one can take its place in one step:
//
//   .NAME.HOST-PID.UUID.new      the database in the making
//   .NAME.HOST-PID.UUID.part     what it is made from
//   .NAME.HOST-PID.UUID.pulled   what comes from a registry
//   .NAME.HOST-PID.UUID.packed   what goes to one
//   .NAME.HOST-PID.UUID.lock     a lock of `place-lock.ts` that does not count, about to be removed
//
// What has arrived of large files lies there too, with rules of its own: see `io/http/kept-downloads.ts`.

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const ending = new RegExp(`^(?:([0-9a-f]{8}-\\d{1,10})\\.)?${uuid}\\.(?:new|part|pulled|packed|lock)(?:-journal)?$`);
const dayInMilliseconds = 86_400_000;

/** A path beside the database that no other process uses. */
export function temporaryPath(output: string, kind: "new" | "part" | "pulled" | "packed" | "lock"): string {
  return join(dirname(output), `.${basename(output)}.${processMark()}.${randomUUID()}.${kind}`);
}

/** Removes files that killed processes left: files of a process that has ended, and files older than a day. */
export function removeLeftovers(output: string): void {
  const folder = dirname(output);
  const start = `.${basename(output)}.`;
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(start)) continue;
    const [matched, mark] = ending.exec(name.slice(start.length)) ?? [];
    if (matched === undefined) continue;
    const path = join(folder, name);
    if ((mark !== undefined && isProcessGone(mark)) || isOld(path)) rmSync(path, { force: true });
  }
}

function isOld(path: string): boolean {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified > dayInMilliseconds;
}
