import { createHash, randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isProcessRunning } from "../../io/is-process-running.ts";

// A writer's files lie beside the database, so that the finished one can take its place in one step:
//
//   .NAME.HOST-PID.UUID.new     the database in the making
//   .NAME.HOST-PID.UUID.part    what it is made from
//   .NAME.UUID.pulled           what comes from a registry
//   .NAME.UUID.packed           what goes to one
//
// HOST is eight hexadecimal digits of a digest of the host's name: a process number says nothing about another host, or another
// container, that writes into the same folder.

const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const ending = new RegExp(`^(?:([0-9a-f]{8}-\\d{1,10})\\.)?${uuid}\\.(?:new|part|pulled|packed)(?:-journal)?$`);
const dayInMilliseconds = 86_400_000;

/** Two paths that nobody else uses. */
export function temporaryPaths(output: string): { readonly finished: string; readonly collected: string } {
  const stem = join(dirname(output), `.${basename(output)}.${processMark()}.${randomUUID()}`);
  return { finished: `${stem}.new`, collected: `${stem}.part` };
}

/** Removes what writers of this database left that were killed: files of a process that is gone, and files older than a day. */
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

/** `HOST-PID` of this process, for the names of its files. */
export function processMark(): string {
  return `${hostId()}-${process.pid}`;
}

/** True when a mark is of a process of this host that has ended. */
export function isProcessGone(mark: string): boolean {
  const [host, pid] = mark.split("-");
  return host === hostId() && !isProcessRunning(Number(pid));
}

function hostId(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}

function isOld(path: string): boolean {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified > dayInMilliseconds;
}
