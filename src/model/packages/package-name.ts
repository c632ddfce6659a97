/**
 * A package's name in the one form under which advisories are stored and looked up. Advisories and packages meet only
 * if both sides pass their names through here. `ecosystem` may carry the suffix of a release.
 *
 * - PyPI: by PEP 503, in lower case, and runs of `-`, `_` and `.` become `-`;
 * - NuGet, Packagist and VSCode: in lower case, since their registries do not tell case apart;
 * - Go: in lower case, since package URLs of Go have lost case and the hosts of its modules do not tell it apart;
 * - Swift: as Go, and without the scheme of a repository's address, its `.git` and what stands behind it;
 * - every other ecosystem: exactly as written.
 */
export function normaliseName(ecosystem: string, name: string): string {
  const base = ecosystemBase(ecosystem);
  if (base === "PyPI") return name.toLowerCase().replace(/[-_.]+/g, "-");
  if (base === "SwiftURL") return swiftName(name.toLowerCase());
  if (base === "Go" || base === "NuGet" || base === "Packagist" || base === "VSCode") return name.toLowerCase();
  return name;
}

/** `https://github.com/vapor/jwt.git` as `github.com/vapor/jwt`. */
function swiftName(address: string): string {
  return address
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/\.git(?:\/.*)?$/, "")
    .replace(/\/$/, "");
}

/** An OSV ecosystem without the suffix of a release: `Debian` for `Debian:12`. */
export function ecosystemBase(ecosystem: string): string {
  const colon = ecosystem.indexOf(":");
  return colon < 0 ? ecosystem : ecosystem.slice(0, colon);
}
