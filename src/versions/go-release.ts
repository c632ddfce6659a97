/**
 * The release of Go that the version of a toolchain names, without `go`: `1.21.3` for `go1.21.3 X:boringcrypto` and for
 * the builds of others (`go1.22.3-1`, `go1.22.5 (Red Hat 1.22.5-1.el9)`, `go1.22.5+auto`), `1.18.1` for `go1.18.1b7`
 * with Go's own BoringSSL. A candidate stays one, as Go writes it (`1.21rc2`) or as SemVer does (`1.21.0-rc.2`).
 *
 * Undefined for what is not a release: other forms, and the state of Go between releases, which is `devel go1.24-…` up
 * to Go 1.24 and `go1.26-devel_<commit> <date>` since. Since 1.21 every release has three numbers, so of two numbers
 * and an addition (`go1.23-20240626-RC01 cl/…`) nothing is known but what it was to become. What else stands behind
 * three numbers is a builder's word for a build of that release (`go1.22.3-dev`, `go1.22.5-nightly`, `go1.22.5~bpo`).
 *
 * Source: Go's `src/cmd/dist/build.go`, `findgoversion`; Go Toolchains, "Go versions".
 */
export function goRelease(version: string): string | undefined {
  const [, numbers = "", candidate = "", addition = ""] = form.exec(version) ?? [];
  if (numbers === "" || ofGoItself.test(addition)) return undefined;
  const [major = 0, minor = 0, ...patch] = numbers.split(".").map(Number);
  const isWhole = patch.length > 0 || candidate !== "" || addition === "";
  const hasThreeNumbers = major > 1 || minor >= 21;
  const isSnapshot = hasThreeNumbers || betweenReleases.test(addition) || snapshot.test(addition);
  return isWhole || !isSnapshot ? numbers + candidate : undefined;
}

const form = /^(?:go|v)?(\d+(?:\.\d+){0,2})((?:rc|beta)\d+|-(?:rc|beta)\.\d+)?(?:b\d+)?(?![\w.])(.*)$/s;
/** How Go calls itself between releases. */
const ofGoItself = /^-devel_/;
/** How builders call a state of two numbers, as which nothing since 1.21 is released. */
const betweenReleases = /(?<![a-z])(?:devel|dev|gotip|tip|master|nightly|snapshot)(?![a-z])/i;
/** How a builder names a state before the first release of a minor version. */
const snapshot = /^-(?:pre\d|\d{8})/;
