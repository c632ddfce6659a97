import { lstatSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * The folders in which Podman without root keeps its socket and its state until shutdown, the likeliest first: that of
 * `XDG_RUNTIME_DIR`, and those that Podman uses without that variable, except folders that are missing, that belong to
 * another user, or that others may write to, because every user may make a folder in `/tmp`. A container that was
 * started with the variable is in another place than one that was started without, so that one folder does not do. Root
 * has only the first. `uid` is the user, and `seenAs` how files of theirs are seen from here, which is another number
 * in a user namespace.
 *
 * Source: Podman 4 `GetRuntimeDir`, whose folder is `podman-run-UID`; containers/storage `pkg/homedir`, `RuntimeDir`,
 * for Podman 5.
 */
export function podmanRuntimeFolders(
  variables: Readonly<Record<string, string | undefined>>,
  { uid, seenAs = uid }: { readonly uid: number | undefined; readonly seenAs?: number | undefined },
): readonly string[] {
  const named = variables["XDG_RUNTIME_DIR"];
  const temporary = variables["TMPDIR"] || "/tmp";
  const usual = [`/run/user/${uid}`, join(temporary, `podman-run-${uid}`), join(temporary, `storage-run-${uid}`)];
  const owned =
    seenAs === undefined || uid === undefined || uid === 0 ? [] : usual.filter((folder) => isOnlyOf(seenAs, folder));
  return [...new Set([...(named ? [named] : []), ...owned])];
}

function isOnlyOf(uid: number, folder: string): boolean {
  if (!isAbsolute(folder)) return false;
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === uid && (stat.mode & 0o722) === 0o700;
  } catch {
    // Podman could not have used it either.
    return false;
  }
}
