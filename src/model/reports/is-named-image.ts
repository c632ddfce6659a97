import type { TargetKind } from "./report.ts";

const kinds: ReadonlySet<TargetKind> = new Set([
  ...(["docker", "podman", "containers-storage", "containerd", "registry"] as const),
]);

/** True for images of a registry or an engine. The names in an archive are written by its maker. */
export function isNamedImage(kind: TargetKind): boolean {
  return kinds.has(kind);
}
