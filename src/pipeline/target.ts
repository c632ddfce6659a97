import { existsSync } from "node:fs";
import { PlimsollError } from "../model/error.ts";
import { holdsUserInfo } from "../model/reference.ts";
import type { TargetKind } from "../model/report.ts";

/** What the user named, taken apart. */
export interface ParsedTarget {
  /** Absent when the target must be recognised by what it is. */
  readonly kind?: TargetKind;
  /** A path, or the name of an image. */
  readonly name: string;
  /** Picks one of several images in an archive or layout: `oci-dir:PATH:TAG`. */
  readonly reference?: string;
}

/** The schemes that force a kind of target. */
export const targetKinds: readonly TargetKind[] = [
  "docker",
  "podman",
  "containers-storage",
  "containerd",
  "registry",
  "docker-archive",
  "oci-archive",
  "oci-dir",
  "dir",
  "sbom",
];

/** The kinds whose targets are named as images are, never by a path. */
const engineKinds: ReadonlySet<TargetKind> = new Set([
  "docker",
  "podman",
  "containers-storage",
  "containerd",
  "registry",
]);

/**
 * Takes `TARGET` apart: an optional scheme, then a path or an image name. A path may be followed by `:REFERENCE` where several images
 * lie in one place. Error: `usage`.
 */
export function parseTarget(text: string): ParsedTarget {
  const scheme = targetKinds.find((kind) => text.startsWith(`${kind}:`));
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  if (rest === "" || rest.includes("\0")) {
    throw new PlimsollError("usage", scheme === undefined ? "the target is empty" : `nothing follows ${scheme}:`, {
      hint: "Name an image, an archive, a folder or an SBOM.",
    });
  }
  if (/^https?:\/\//i.test(rest) && !existsSync(rest)) {
    throw new PlimsollError("usage", "an image is not named by an address with https:// or http://", {
      hint: "Write HOST/NAME:TAG; a registry that speaks plain HTTP is named in --insecure too.",
    });
  }
  const isName = scheme === undefined ? !existsSync(rest) : engineKinds.has(scheme);
  if (isName && holdsUserInfo(rest)) {
    throw new PlimsollError("usage", "an image is not named with a user and a password, and no file has that name", {
      hint: "Write HOST/NAME:TAG, and log in with plimsoll login HOST.",
    });
  }
  if (scheme !== undefined && engineKinds.has(scheme)) return { kind: scheme, name: rest };
  const withKind = scheme === undefined ? {} : { kind: scheme };
  if (scheme === "dir" || scheme === "sbom" || existsSync(rest)) return { ...withKind, name: rest };
  for (let colon = rest.indexOf(":"); colon > 0; colon = rest.indexOf(":", colon + 1)) {
    const path = rest.slice(0, colon);
    if (existsSync(path) && colon + 1 < rest.length)
      return { ...withKind, name: path, reference: rest.slice(colon + 1) };
  }
  return { ...withKind, name: rest };
}
