/** The longest name that the registry takes. Source: npm's "package.json" documentation, "name". */
const longestName = 214;
/** The longest version that node-semver reads. */
const longestVersion = 256;

/**
 * Whether a manifest's `name` can name a package: of characters that need no escape in a URL, an optional scope before
 * it, no leading `.` or `_`. Old packages with upper-case letters are valid.
 *
 * Source: npm's "package.json" documentation, "name", with the exceptions for packages older than its rules.
 */
export function isPackageName(name: unknown): name is string {
  return (
    typeof name === "string" &&
    name.length <= longestName &&
    /^(?:@[\w.~!'()*-]+\/[\w.~!'()*-]+|[A-Za-z0-9~!'()*-][\w.~!'()*-]*)$/.test(name)
  );
}

/**
 * A manifest's `version` as a text, without space around it as npm takes it, and from a number as well; undefined when
 * that is not one word of sensible length. How versions are ordered, and so which of them can be compared, is for the
 * version scheme to say.
 */
export function packageVersion(written: unknown): string | undefined {
  const version = typeof written === "number" ? String(written) : typeof written === "string" ? written.trim() : "";
  return version.length <= longestVersion && /^[\x21-\x7e]+$/.test(version) ? version : undefined;
}

/**
 * The licences that a manifest declares, without repeats: the `license` string (an SPDX expression), the old forms
 * `{ "type": … }` and a list of either, and the old field `licenses`. Empty when there is none.
 *
 * Source: npm's "package.json" documentation, "license".
 */
export function declaredLicenses(manifest: Readonly<Record<string, unknown>>): readonly string[] {
  const declared = new Set<string>();
  for (const field of [manifest["license"], manifest["licenses"]]) {
    for (const entry of Array.isArray(field) ? field : [field]) {
      const license = licenseName(entry);
      if (license !== undefined) declared.add(license);
    }
  }
  return [...declared];
}

function licenseName(entry: unknown): string | undefined {
  const name: unknown = typeof entry === "object" && entry !== null && "type" in entry ? entry.type : entry;
  return (typeof name === "string" && name.trim()) || undefined;
}
