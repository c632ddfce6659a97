import { homedir } from "node:os";
import { join } from "node:path";

/** The program's folder among the user's caches (XDG Base Directory Specification); it need not be there. */
export function userCacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "plimsoll");
}
