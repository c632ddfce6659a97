// META-INF/MANIFEST.MF is lines of `Name: value` in UTF-8. A line that begins with one space continues the one before.
// The main section ends at the first empty line; later sections describe single files.

import { isMavenId, isMavenVersion } from "./coordinates.ts";

/** The main attributes of a manifest, their names in lower case. */
export type JavaManifest = ReadonlyMap<string, string>;

/**
 * Reads the main section of a manifest. Lines that are not an attribute are passed over; of an attribute that stands
 * twice the last counts.
 *
 * Source: "JAR File Specification", Java SE 21, "JAR Manifest".
 */
export function parseManifest(text: string): JavaManifest {
  const attributes = new Map<string, string>();
  const end = text.search(/\n\r?\n|\r\r/);
  const section = end < 0 ? text : text.slice(0, end);
  let name: string | undefined;
  let parts: string[] = [];
  const finish = (): void => {
    if (name !== undefined) attributes.set(name, parts.join("").trim());
  };
  for (const line of section.split(/\r\n|\n|\r/)) {
    if (line.startsWith(" ")) {
      parts.push(line.slice(1));
      continue;
    }
    finish();
    const colon = line.indexOf(":");
    name = colon > 0 ? line.slice(0, colon).trim().toLowerCase() : undefined;
    parts = [line.slice(colon + 1)];
  }
  finish();
  return attributes;
}

/** The symbolic name of an OSGi bundle, without directives (`;singleton:=true`). Undefined where it can be none. */
export function symbolicNameOf(manifest: JavaManifest): string | undefined {
  const name = manifest.get("bundle-symbolicname")?.split(";", 1)[0]?.trim();
  return isMavenId(name) ? name : undefined;
}

/** The usable versions in a manifest, the one that says most about the archive first. */
export function manifestVersions(manifest: JavaManifest): string[] {
  return ["implementation-version", "bundle-version", "specification-version"].flatMap(
    (key) => versionIn(manifest.get(key)) ?? [],
  );
}

/** The version at the start of an attribute: `5.6.0` in `5.6.0 (b0)`. Undefined where none is there. */
export function versionIn(text: string | undefined): string | undefined {
  const version = /^\d\S*/.exec(text ?? "")?.[0];
  return isMavenVersion(version) ? version : undefined;
}
