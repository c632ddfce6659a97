/** Characters; a longer one is not read. */
export const longestPackageUrl = 500;

/** What a package URL of Ubuntu's feeds says of a source package. */
export interface SourcePackageUrl {
  readonly name: string;
  /** The archive, as the qualifier `distro` names it: `esm-apps/focal`. */
  readonly distro: string;
}

/**
 * Reads `pkg:deb/ubuntu/NAME@VERSION?arch=source&distro=ARCHIVE`; undefined for any other. The version is the archive's
 * newest one, not the one with a fix, so it says nothing.
 */
export function readSourcePackageUrl(text: string): SourcePackageUrl | undefined {
  const start = "pkg:deb/ubuntu/";
  const mark = text.indexOf("?");
  if (text.length > longestPackageUrl || !text.startsWith(start) || mark < 0) return undefined;
  const name = decode(text.slice(start.length, mark).split("@", 1)[0] ?? "");
  const qualifiers = text.slice(mark + 1).split("&");
  const distro = decode(qualifiers.find((qualifier) => qualifier.startsWith("distro="))?.slice(7) ?? "");
  if (!name || !isPackageName(name) || !distro || !qualifiers.includes("arch=source")) return undefined;
  return { name, distro };
}

/**
 * True for a package URL that does not name a source package of Ubuntu's: one of a binary package, which has its
 * architecture, or of another vendor.
 */
export function isOtherPackageUrl(text: string): boolean {
  if (!text.startsWith("pkg:deb/ubuntu/")) return /^pkg:[a-z]/.test(text);
  return /[?&]arch=(?!source(?:&|$))[a-z0-9-]{1,40}(?:&|$)/.test(text.slice(0, longestPackageUrl));
}

/** Debian Policy, "Source": lower case by the rules, any case in practice. */
export function isPackageName(text: string): boolean {
  return /^[a-z0-9][a-z0-9+.-]{0,200}$/i.test(text);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
