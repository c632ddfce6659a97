import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { podmanRuntimeFolders } from "./podman-runtime-folders.ts";

const base = temporaryFolder();
const own = process.getuid?.() ?? 0;
// Root does not have such folders: as root the tests give theirs to an arbitrary user.
const uid = own === 0 ? 4_000_000 : own;
const run = `podman-run-${uid}`;
let count = 0;

/** A temporary folder with folders of these names and permissions in it, which belong to the user. */
function temporaryWith(folders: Readonly<Record<string, number>>): string {
  const folder = join(base, String(count++));
  mkdirSync(folder);
  for (const [name, mode] of Object.entries(folders)) {
    mkdirSync(join(folder, name));
    chmodSync(join(folder, name), mode);
    if (own === 0) chownSync(join(folder, name), uid, uid);
  }
  return folder;
}

/** Those that are taken of a temporary folder. */
function takenOf(temporary: string, owner = uid, seenAs = owner): readonly string[] {
  const found = podmanRuntimeFolders({ TMPDIR: temporary }, { uid: owner, seenAs });
  return found.filter((path) => path.startsWith(temporary)).map((path) => basename(path));
}

describe.skipIf(process.platform !== "linux")("the folders of Podman without root", () => {
  test("begin with that of XDG_RUNTIME_DIR, which is believed", () => {
    expect(podmanRuntimeFolders({ XDG_RUNTIME_DIR: "/run/mine", TMPDIR: base }, { uid })[0]).toBe("/run/mine");
  });

  test("are those of Podman 4 and 5 below the temporary folder, also beside that variable", () => {
    const temporary = temporaryWith({ [run]: 0o700, [`storage-run-${uid}`]: 0o755 });
    expect(takenOf(temporary)).toEqual([run, `storage-run-${uid}`]);
    const both = podmanRuntimeFolders({ XDG_RUNTIME_DIR: "/run/mine", TMPDIR: temporary }, { uid });
    expect(both).toContain(join(temporary, run));
    expect(takenOf(temporaryWith({}))).toEqual([]);
  });

  test("leave out a folder that others may write to, a link and a file", () => {
    expect(takenOf(temporaryWith({ [run]: 0o770 }))).toEqual([]);
    expect(takenOf(temporaryWith({ [run]: 0o702 }))).toEqual([]);
    const linked = temporaryWith({ elsewhere: 0o700 });
    symlinkSync(join(linked, "elsewhere"), join(linked, run));
    expect(takenOf(linked)).toEqual([]);
    const withFile = temporaryWith({});
    writeFileSync(join(withFile, run), "");
    expect(takenOf(withFile)).toEqual([]);
  });

  test("leave out a folder that somebody else made", () => {
    expect(takenOf(temporaryWith({ [`podman-run-${uid + 1}`]: 0o700 }), uid + 1)).toEqual([]);
  });

  test("are found in a user namespace, where their owner has another number", () => {
    const temporary = temporaryWith({ [`podman-run-${uid + 1}`]: 0o700 });
    expect(takenOf(temporary, uid + 1, uid)).toEqual([`podman-run-${uid + 1}`]);
  });

  test("are not looked for by root", () => {
    const temporary = join(base, "of-root");
    mkdirSync(join(temporary, "podman-run-0"), { recursive: true, mode: 0o700 });
    expect(takenOf(temporary, 0)).toEqual([]);
  });
});
