import { statSync } from "node:fs";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";

/** Makes sure that the root of a host is a folder. Errors: `target-not-found`, `target-unreadable`. */
export function requireFolder(path: string): void {
  let isFolder: boolean | undefined;
  try {
    isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  } catch (cause) {
    throw new PlimsollError("target-unreadable", `${path} cannot be accessed: ${reasonOf(cause)}`, { cause });
  }
  if (isFolder) return;
  throw new PlimsollError("target-not-found", `${path} ${isFolder === false ? "is not a folder" : "does not exist"}`, {
    hint: "Set --root to the folder where the host's root file system is mounted.",
  });
}
