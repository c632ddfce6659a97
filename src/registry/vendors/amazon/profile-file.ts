/**
 * The files in which AWS's programs keep profiles: sections in brackets, below them `name = value`.
 *
 * - In the file of the configuration a profile is `[profile NAME]`, only `[default]` stands alone; in that of the
 *   credentials it is `[NAME]`. The name may stand in quotes. The configuration also has `[sso-session NAME]`.
 * - A line that begins with `#` or `;` is a comment, and so is what follows white space and one of them.
 * - A line that is indented deeper than the name above it belongs to that name, and says nothing here.
 * - Names of settings are in any case. When a name occurs twice, the last counts.
 *
 * Source: AWS's documentation, "Shared config and credentials files", AWS SDKs and Tools Reference Guide; Python's
 * `configparser`, which reads them for the AWS CLI.
 */
export type Profiles = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The sections of which file are read: the profiles of one, or the sessions of single sign-on in the configuration. */
export type SectionKind = "config" | "credentials" | "sso-session";

/** Reads the sections of a kind. Lines of no known form are passed over, as AWS's programs do. */
export function parseProfiles(text: string, kind: SectionKind): Profiles {
  const profiles = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  let indent = Number.POSITIVE_INFINITY;
  for (const full of text.split(/\r?\n/)) {
    const line = full.trimStart();
    if (line === "" || /^[#;]/.test(line) || full.length - line.length > indent) continue;
    const section = /^\[([^\]]+)\]/.exec(line)?.[1];
    if (section !== undefined) {
      const name = nameOf(section.trim(), kind);
      current = name === undefined ? undefined : (profiles.get(name) ?? new Map<string, string>());
      if (name !== undefined && current) profiles.set(name, current);
      indent = Number.POSITIVE_INFINITY;
      continue;
    }
    indent = full.length - line.length;
    const equals = line.indexOf("=");
    if (equals < 1) continue;
    const value = line.slice(equals + 1).replace(/\s[#;].*/, "");
    current?.set(line.slice(0, equals).trim().toLowerCase(), value.trim());
  }
  return profiles;
}

function nameOf(section: string, kind: SectionKind): string | undefined {
  if (kind === "credentials" || (kind === "config" && section === "default")) return section;
  const form = kind === "config" ? /^profile\s+(.+)$/ : /^sso-session\s+(.+)$/;
  const name = form.exec(section)?.[1]?.trim();
  return (name && /^(["'])(.+)\1$/.exec(name)?.[2]) || name;
}
