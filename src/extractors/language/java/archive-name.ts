// Maven names an archive `<artifact>-<version>[-<classifier>].<extension>`. Artifact and version may both hold hyphens
// and digits (`log4j-1.2-api-2.17.1`, `zstd-jni-1.3.8-5`, `java-cup-runtime-11b-20160615`), so where one ends is a
// guess: the version begins at the first part that begins with a digit, unless a part that is not a word of versions
// (`api`) and another number with a point come after it. OSGi names a bundle `<symbolic name>_<version>.jar`, with
// three numbers or more.

/** What the name of an archive says about its content. */
export interface ArchiveName {
  readonly artifact: string;
  /** Begins with a digit; absent when the name has no version. */
  readonly version?: string;
}

const suffixes = ["jar", "war", "ear", "par", "sar", "hpi", "jpi", "kar", "rar", "lpkg", "nar"];

/** The extensions of archives that hold Java classes, each with its point. */
export const archiveSuffixes: readonly string[] = suffixes.map((suffix) => `.${suffix}`);

const archiveSuffix = new RegExp(`\\.(?:${suffixes.join("|")})$`, "i");

/** True when a path ends as that of a Java archive, in upper or lower case. */
export function isArchivePath(path: string): boolean {
  return archiveSuffix.test(path);
}

const versionWord =
  /^(?:alpha|beta|a|b|m|milestone|rc|cr|pre|preview|ea|snapshot|ga|final|release|sp|build|jre|android|redhat|incubating|dev)\d*$/i;

const classifier =
  /-(?:sources|javadoc|tests?|all|shaded|uber|fat|exec|plain|boot|standalone|runner|no_aop|jdk\d+|(?:jar-)?with-dependencies|(?:linux|osx|macos|windows)(?:-[a-z0-9_]+){0,2})$/i;

/** Splits the name of an archive, without folders; undefined when there is none before the extension. */
export function parseArchiveName(fileName: string): ArchiveName | undefined {
  const base = fileName.replace(archiveSuffix, "");
  if (base === "" || base.length > 255) return undefined;
  const parts = base.split("-");
  const start = versionStart(parts);
  if (start !== undefined) {
    const version = parts.slice(start).join("-").replace(classifier, "");
    return { artifact: parts.slice(0, start).join("-"), version };
  }
  const bundle = /^([a-z][\w.-]*)_(\d+\.\d+\.\d+[\w.-]*)$/i.exec(base);
  if (bundle?.[1] !== undefined && bundle[2] !== undefined) return { artifact: bundle[1], version: bundle[2] };
  return { artifact: base };
}

function versionStart(parts: readonly string[]): number | undefined {
  let start: number | undefined;
  for (let index = 1; index < parts.length; index++) {
    const part = parts[index] ?? "";
    const before = parts[index - 1] ?? "";
    if (start === undefined) {
      if (beginsVersion(part, parts[index + 1])) start = index;
    } else if (/^\d+\.\d/.test(part) && /^[a-z]/i.test(before) && !versionWord.test(before)) {
      start = index;
    }
  }
  return start;
}

/** A plain number before a word is not a version: `level-3-jar`. */
function beginsVersion(part: string, next: string | undefined): boolean {
  if (!/^\d/.test(part)) return false;
  return /\D/.test(part) || next === undefined || !/^[a-z]/i.test(next) || isVersionWord(next);
}

function isVersionWord(part: string): boolean {
  return versionWord.test(part) || classifier.test(`-${part}`);
}
