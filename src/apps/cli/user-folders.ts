import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";

/** The program's folder among the user's caches (XDG Base Directory Specification); it need not be there. */
export function userCacheFolder(): string {
  return userFolder("XDG_CACHE_HOME", ".cache");
}

/** The program's folder among the user's data (XDG Base Directory Specification); it need not be there. */
export function userDataFolder(): string {
  return userFolder("XDG_DATA_HOME", join(".local", "share"));
}

function userFolder(variable: string, usual: string): string {
  return join(baseFolder(variable, usual), "plimsoll");
}

/**
 * The folder that a variable of that specification names, else the usual one of the home folder. A path that is not
 * absolute is ignored, as the specification says, so that no file is taken from the current folder.
 */
export function baseFolder(variable: string, usual: string): string {
  const named = process.env[variable];
  return named && isAbsolute(named) ? named : join(homeFolder(), usual);
}

/** The user's home folder, an absolute path. */
export function homeFolder(): string {
  try {
    const home = homedir();
    return isAbsolute(home) ? home : userInfo().homedir;
  } catch {
    // The system does not know this user.
    return "/";
  }
}
