// RubyGems writes the specification of an installed gem as a small Ruby program with one value on each line:
//
//   Gem::Specification.new do |s|
//     s.name = "nokogiri".freeze
//     s.version = "1.15.4"
//     s.platform = "x86_64-linux".freeze
//     s.licenses = ["MIT".freeze]
//
// Texts stand in quotes or, as versions of RubyGems before 2.0 wrote them, in %q{…}; `.freeze` may follow. A version
// may be wrapped in Gem::Version.new(…), a platform can be Gem::Platform.new(["x86_64".freeze, "linux".freeze, nil]).
// Names and versions hold no character that would need an escape. The first value counts.

/** What a specification says of its gem; absent where it does not say it, or not in a form that can be one. */
export interface Specification {
  readonly name?: string;
  readonly version?: string;
  /** What the gem was compiled for, for example `x86_64-linux`; absent for gems of plain Ruby. */
  readonly platform?: string;
  readonly licenses: readonly string[];
  /** False when its name or version is more than a literal or is set or changed again, as in a hand-written file. */
  readonly isPlain: boolean;
}

const opening = /^\s*Gem::Specification\.new\s*(?:do|\{)\s*\|\s*([A-Za-z_]\w*)\s*\|/;
const assignment = /^\s*([A-Za-z_]\w*)\.(name|version|platform|licenses?)\s*=\s*(\S.*)$/;
/** Anything but an assignment or a comparison that is done to what is set: `+=`, `<<`, `||=`, `.concat(…)`. */
const change = /^\s*([A-Za-z_]\w*)\.(?:name|version)\s*(?![\s\w=?!])\S/;
const literal = /"([^"\\#]*)"|'([^'\\]*)'|%q\{([^{}\\]*)\}|%q<([^<>\\]*)>/g;
const plainValue =
  /^(?:Gem::Version\.new\(\s*)?(?:"[^"\\#]*"|'[^'\\]*'|%q\{[^{}\\]*\}|%q<[^<>\\]*>)(?:\.freeze)?\s*\)?\s*(?:#.*)?$/;
/** More than any real name, version or licence has. */
const longestLine = 4096;

const namePattern = /^[A-Za-z0-9._-]+$/;
const versionPattern = /^[0-9][0-9A-Za-z.-]*$/;

/** Reads the text of a specification; what is not one gives an empty answer. */
export function readSpecification(text: string): Specification {
  const values = new Map<string, readonly string[]>();
  let receiver: string | undefined;
  let isPlain = true;
  for (const line of text.split(/\r?\n/)) {
    if (line.length > longestLine) continue;
    receiver ??= opening.exec(line)?.[1];
    if (receiver !== undefined && change.exec(line)?.[1] === receiver) isPlain = false;
    const [, object, field = "", right = ""] = assignment.exec(line) ?? [];
    if (receiver === undefined || object !== receiver) continue;
    if ((field === "name" || field === "version") && (values.has(field) || !plainValue.test(right))) isPlain = false;
    if (values.has(field)) continue;
    const literals = literalsIn(right);
    values.set(field, right.startsWith("Gem::Platform.new([") ? [literals.join("-")] : literals);
  }
  const name = values.get("name")?.[0];
  const version = values.get("version")?.[0];
  const platform = values.get("platform")?.[0];
  return {
    ...(name !== undefined && namePattern.test(name) ? { name } : {}),
    ...(version !== undefined && versionPattern.test(version) ? { version } : {}),
    ...(platform !== undefined && platform !== "ruby" && namePattern.test(platform) ? { platform } : {}),
    licenses: [...new Set([...(values.get("licenses") ?? []), ...(values.get("license") ?? [])])].filter(isLicense),
    isPlain,
  };
}

function literalsIn(right: string): string[] {
  return Array.from(right.matchAll(literal), ([, double, single, braces, angles]) =>
    (double ?? single ?? braces ?? angles ?? "").trim(),
  );
}

function isLicense(text: string): boolean {
  return text !== "" && !/[\p{Cc}\p{Cf}]/u.test(text);
}
