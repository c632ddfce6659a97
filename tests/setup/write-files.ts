import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TarMember } from "./tar.ts";

/** Writes files by their paths below a folder, with the folders that they need. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Writes those members of a tar that have content, as files below a folder. */
export function writeMembers(folder: string, members: readonly TarMember[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, content } of members) {
    if (content !== undefined && content.length > 0) writeFiles(folder, { [String(name)]: content });
  }
}
