import type { TargetKind } from "./report.ts";

const folders: ReadonlySet<TargetKind> = new Set(["dir", "repo"]);
const files: ReadonlySet<TargetKind> = new Set(["file", "sbom"]);

/** True for a folder of this machine: paths in the report count from it. */
export function isFolder(kind: TargetKind): boolean {
  return folders.has(kind);
}

/** True for a container image, wherever it lies: paths in the report count from its root. */
export function isImage(kind: TargetKind): boolean {
  return !folders.has(kind) && !files.has(kind);
}
