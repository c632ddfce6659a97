import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { isProcessRunning } from "./is-process-running.ts";

// HOST-PID. HOST is eight hexadecimal digits of a digest of the host's name: a process number says nothing about
// another host, or another container, that writes into the same folder.

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
