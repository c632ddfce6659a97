import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { PlimsollError } from "../../model/error.ts";

/**
 * Standard input. Error: {@link PlimsollError} `target-unreadable` for a folder, of which Node makes a stream that ends
 * at once.
 */
export function standardInput(): Readable {
  if (isFolder()) throw new PlimsollError("target-unreadable", "standard input is a folder");
  return process.stdin;
}

function isFolder(): boolean {
  try {
    return fstatSync(0).isDirectory();
  } catch {
    // It is closed, and reading it tells.
    return false;
  }
}
