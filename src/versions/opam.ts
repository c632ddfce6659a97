import { type DpkgVersion, dpkg } from "./dpkg.ts";
import { type VersionScheme, versionLengthLimit } from "./version-scheme.ts";

// version ["-" revision], split at the last "-"; letters, digits and . + ~ _ -
//
// Compared as Debian's versions are, an absent revision equalling "0". There is no epoch, and a version may start with
// a letter (v0.16.0), as many of OCaml packages do.

/** Versions of OCaml packages. Source: opam manual, "Version ordering"; OSV's opam ecosystem. */
export const opam: VersionScheme<DpkgVersion> = {
  id: "opam",

  parse(text) {
    if (text.length > versionLengthLimit) return undefined;
    const trimmed = text.trim();
    if (!/^[\w.+~-]+$/.test(trimmed)) return undefined;
    const dash = trimmed.lastIndexOf("-");
    const end = dash < 0 ? trimmed.length : dash;
    return { epoch: 0, upstream: trimmed.slice(0, end), revision: trimmed.slice(end + 1) };
  },

  compare: dpkg.compare,
};
