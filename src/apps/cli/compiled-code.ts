import { statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { makeFolder } from "../../io/files/make-folder.ts";
import { userCacheFolder } from "./user-folders.ts";

/**
 * Has Node keep its compiled code, for later starts, in a folder that only the user can write to: the code there is
 * executed. By itself Node takes one below the folder for temporary files, under a name that anybody can foresee and
 * make first. Without such a folder nothing is kept; with `NODE_COMPILE_CACHE` the user has chosen one.
 */
export function keepCompiledCode(): void {
  if (process.env["NODE_COMPILE_CACHE"]) return;
  try {
    const folder = join(userCacheFolder(), "compiled");
    makeFolder(folder, { mode: 0o700 });
    if (isPrivate(folder)) enableCompileCache(folder);
  } catch {
    // The program is compiled again at each start.
  }
}

function isPrivate(folder: string): boolean {
  const { uid, mode } = statSync(folder);
  const ownUid = process.geteuid?.();
  return ownUid === undefined || (uid === ownUid && (mode & 0o022) === 0);
}
