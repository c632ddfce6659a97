import { describe, expect, test } from "vitest";
import { extractors } from "../../extractors/builtin.ts";
import { unreadFormats } from "../../extractors/unread-formats.ts";
import { FileMatcher } from "./file-matcher.ts";
import { unreadFormatOf } from "./unread-format-of.ts";

test.each([
  ["usr/lib/perl5/auto/JSON/.packlist", "CPAN"],
  ["auto/JSON/.packlist", "CPAN"],
  ["var/db/xbps/pkgdb-0.38.plist", "XBPS"],
  ["usr/lib/ghc-9.4/package.conf.d/text.conf", "Haskell"],
  ["var/www/html/wp-content/plugins/akismet/readme.txt", "WordPress"],
])("takes %s for a file of %s that is installed", (path, packagesOf) => {
  expect(unreadFormatOf(path)).toMatchObject({ packagesOf, kind: "installed" });
});

test.each([
  ["app/package-lock.json", "npm"],
  ["package-lock.json", "npm"],
  ["src/requirements.txt", "PyPI"],
  ["src/go.mod", "Go"],
  ["app/Cargo.lock", "Cargo"],
])("takes %s for one that declares packages of %s", (path, packagesOf) => {
  expect(unreadFormatOf(path)).toMatchObject({ packagesOf, kind: "declared" });
});

describe("takes for none of them", () => {
  test.each([
    ["a file of another name", "app/index.js"],
    ["a name without a folder that it needs", "a.json"],
    ["a folder of another name", "etc/not-package.conf.d/a.conf"],
    ["a place that is not below the root", "backup/var/db/xbps/pkgdb-0.38.plist"],
    ["a place that is deeper than its own", "var/db/xbps/old/pkgdb-0.38.plist"],
    ["a name that is longer", "app/my-package-lock.json"],
    ["nothing before an ending", "package.conf.d/"],
    ["an empty path", ""],
    ["what a package of npm was built with", "app/node_modules/a/package-lock.json"],
    ["what a package of Python was built with", "usr/lib/python3/site-packages/a/requirements.txt"],
    ["what a gem was built with", "usr/local/bundle/gems/rack-1.0/Gemfile.lock"],
    ["what a module of Go was built with", "root/go/pkg/mod/golang.org/x/text@v0.3.0/go.mod"],
    ["what a crate was built with", "usr/local/cargo/registry/src/index/time-0.1.42/Cargo.lock"],
    ["what a vendored package was built with", "app/vendor/acme/tool/composer.lock"],
  ])("%s", (_, path) => {
    expect(unreadFormatOf(path)).toBe(undefined);
  });
});

test("no format is in the list that an extractor reads", () => {
  const matcher = new FileMatcher(extractors);
  const paths = unreadFormats.flatMap(({ files }) => files.map((file) => file.replace(/^\//, "").replaceAll("*", "x")));
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => unreadFormatOf(path) === undefined)).toEqual([]);
  expect(paths.filter((path) => matcher.byPath(path).length > 0)).toEqual([]);
});
