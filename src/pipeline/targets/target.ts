import { existsSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";
import { holdsUserInfo } from "../../model/packages/reference.ts";
import type { TargetKind } from "../../model/reports/report.ts";
import { isPlaceOfImages } from "./recognise-target.ts";

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
  "repo",
  "file",
  "sbom",
];

/**
 * What other programs write in place of a scheme of ours. Source: containers-transports(5); the schemes of Syft.
 */
const aliases: readonly (readonly [start: string, kind: TargetKind])[] = [
  ["docker://", "registry"],
  ["docker-daemon:", "docker"],
  ["oci:", "oci-dir"],
];

/**
 * Schemes of other programs that mean nothing here. Those that images are named like stay names of images of this
 * machine.
 */
const foreignSchemes: ReadonlySet<string> = new Set(
  (
    "atomic crio docker-image docker-tar fs git image nerdctl oci-registry ostree " +
    "purl rootfs sif singularity snap tarball vm"
  ).split(" "),
);

/** The kinds whose targets are named as images are, never by a path. */
const engineKinds: ReadonlySet<TargetKind> = new Set([
  "docker",
  "podman",
  "containers-storage",
  "containerd",
  "registry",
]);

/** The kinds of which a path names the whole target: nothing in it can be picked by a reference. */
const kindsOfOneTarget: ReadonlySet<TargetKind> = new Set(["dir", "repo", "file", "sbom"]);

/**
 * Takes `TARGET` apart: an optional scheme, then a path or an image name. A path may be followed by `:REFERENCE` where
 * several images lie in one place; without a scheme such a place is what {@link isPlaceOfImages} says, so that
 * `nginx:1.27` stays the name of an image beside any other file or folder `nginx`. `docker://`, `docker-daemon:` and
 * `oci:` are taken for what other programs mean by them.
 *
 * Errors: `usage`, `target-unreadable`.
 */
export function parseTarget(text: string): ParsedTarget {
  const { scheme, rest } = splitScheme(text);
  refuseOtherForms(text, { scheme, rest });
  if (scheme !== undefined && engineKinds.has(scheme)) return { kind: scheme, name: rest };
  const withKind = scheme === undefined ? {} : { kind: scheme };
  if ((scheme !== undefined && kindsOfOneTarget.has(scheme)) || existsSync(rest)) return { ...withKind, name: rest };
  for (let colon = rest.indexOf(":"); colon > 0; colon = rest.indexOf(":", colon + 1)) {
    const path = rest.slice(0, colon);
    const isPlace = scheme === undefined ? isPlaceOfImages(path) : existsSync(path);
    if (isPlace && colon + 1 < rest.length) return { ...withKind, name: path, reference: rest.slice(colon + 1) };
  }
  return { ...withKind, name: rest };
}

/** Error: `usage` for what names a target in no form of ours. */
function refuseOtherForms(text: string, { scheme, rest }: SplitTarget): void {
  if (rest === "" || rest.includes("\0")) {
    throw new PlimsollError("usage", scheme === undefined ? "the target is empty" : `no name follows ${scheme}:`, {
      hint: "Specify an image, an archive, a folder, a file or an SBOM.",
    });
  }
  if (/^https?:\/\//i.test(rest) && !existsSync(rest)) {
    throw new PlimsollError("usage", "an image name must not begin with https:// or http://", {
      hint: "Write HOST/NAME:TAG; for a registry with plain HTTP, add --insecure HOST.",
    });
  }
  if (rest === "-" && !existsSync(rest)) {
    throw new PlimsollError("usage", "a target cannot be read from standard input", {
      hint: "Save it to a file, and use the file as the target.",
    });
  }
  const isUnknown = scheme === undefined && /^[a-z][a-z0-9+.-]*:\/\//i.test(rest) && !existsSync(rest);
  const isAddress = scheme !== undefined && (scheme === "file" || engineKinds.has(scheme)) && rest.startsWith("//");
  if (isUnknown || isAddress) {
    throw noSuchScheme(text.slice(0, text.indexOf(":")), "an image name must not be a URL");
  }
  const isPath = /^\.{0,2}\/(?!\/)/.test(rest);
  const isName = scheme === undefined ? !isPath && !existsSync(rest) : engineKinds.has(scheme);
  if (isName && holdsUserInfo(rest)) {
    const reasons = "an image name must not contain a user name or password, and only a digest may follow @";
    throw new PlimsollError("usage", `no file has that name, and ${reasons}`, {
      hint: "Write HOST/NAME:TAG or NAME@sha256:…, and log in with plimsoll login HOST.",
    });
  }
}

/**
 * Error: `usage` for a name that begins as a target of another program does. For names that no engine of this machine
 * knows.
 */
export function refuseForeignScheme(name: string): void {
  const [, scheme] = /^([a-z-]+):./s.exec(name) ?? [];
  if (scheme === undefined || !foreignSchemes.has(scheme)) return;
  throw noSuchScheme(scheme, `no local image named ${name}`);
}

interface SplitTarget {
  readonly scheme: TargetKind | undefined;
  readonly rest: string;
}

function splitScheme(text: string): SplitTarget {
  const alias = aliases.find(([start]) => text.startsWith(start));
  if (alias) return { scheme: alias[1], rest: text.slice(alias[0].length) };
  const scheme = targetKinds.find((kind) => text.startsWith(`${kind}:`));
  return { scheme, rest: scheme === undefined ? text : text.slice(scheme.length + 1) };
}

function noSuchScheme(scheme: string, otherwise: string): PlimsollError {
  const known = (targetKinds as readonly string[]).includes(scheme);
  const message = known
    ? `${scheme}: must be followed by a name, without //`
    : `${scheme}: is not a scheme, and ${otherwise}`;
  return new PlimsollError("usage", message, {
    hint: `The schemes are ${targetKinds.map((kind) => `${kind}:`).join(", ")}.`,
  });
}
