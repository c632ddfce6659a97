import type { PackageType } from "../model/packages/package.ts";
import type { UnreadFormat } from "../model/packages/unread-files.ts";

/**
 * The formats of packages that are known and that no extractor reads: where such files lie in a target, it is said that
 * they were seen and not read. A format that gets an extractor leaves the list.
 */
export const unreadFormats: readonly UnreadFormat[] = [
  // Databases of distributions and package managers.
  installed("Nix", "generic", ["/nix/var/nix/db/db.sqlite"]),
  installed("Guix", "generic", ["/var/guix/db/db.sqlite"]),
  installed("XBPS", "generic", ["/var/db/xbps/pkgdb-0.38.plist", "/var/db/xbps/pkgdb-0.21.plist"]),
  installed("Slackware", "generic", ["/etc/slackware-version"]),
  installed("snap", "generic", ["/var/lib/snapd/snaps/*.snap"]),
  installed("vcpkg", "generic", ["vcpkg/status"]),

  // Languages: installed.
  installed("Conan", "conan", ["conaninfo.txt"]),
  installed("CPAN", "generic", ["auto/*/.packlist", "auto/*/*/.packlist", "auto/*/*/*/.packlist"]),
  installed("Dart", "pub", [".pub-cache/hosted/*/*/pubspec.yaml"]),
  installed("Haskell", "hackage", ["package.conf.d/*.conf"]),
  installed("Julia", "julia", [".julia/packages/*/*/Project.toml"]),
  installed("WordPress", "generic", ["wp-content/plugins/*/readme.txt"]),

  // Languages: declared.
  declared("Cargo", "cargo", ["Cargo.lock"]),
  declared("CocoaPods", "cocoapods", ["Podfile.lock"]),
  declared("Composer", "composer", ["composer.lock"]),
  declared("Conan", "conan", ["conan.lock"]),
  declared("Dart", "pub", ["pubspec.lock"]),
  declared("Go", "golang", ["go.mod"]),
  declared("Hackage", "hackage", ["stack.yaml.lock", "cabal.project.freeze"]),
  declared("Hex", "hex", ["mix.lock", "rebar.lock"]),
  declared("Julia", "julia", ["Manifest.toml"]),
  declared("Maven", "maven", ["pom.xml", "gradle.lockfile"]),
  declared("npm", "npm", [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
    "deno.lock",
  ]),
  declared("NuGet", "nuget", ["packages.lock.json", "packages.config", "project.assets.json", "paket.lock"]),
  declared("PyPI", "pypi", ["requirements.txt", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"]),
  declared("R", "cran", ["renv.lock"]),
  declared("RubyGems", "gem", ["Gemfile.lock", "gems.locked"]),
  declared("Swift", "swift", ["Package.resolved"]),
];

function installed(packagesOf: string, type: PackageType, files: readonly string[]): UnreadFormat {
  return { packagesOf, kind: "installed", type, files };
}

function declared(packagesOf: string, type: PackageType, files: readonly string[]): UnreadFormat {
  return { packagesOf, kind: "declared", type, files };
}
