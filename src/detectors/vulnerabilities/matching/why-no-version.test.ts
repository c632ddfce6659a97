import { expect, test } from "vitest";
import { whyNoVersion } from "./why-no-version.ts";

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Maven writes its variables so.
  ["Maven", "${log4j.version}", "is a version requirement, not an installed version"],
  ["Maven", "[2.1,2.14]", "is a version requirement, not an installed version"],
  ["Maven", "latest.release", "tells no version"],
  ["PyPI", ">=2.20", "is a version requirement, not an installed version"],
  ["PyPI", "2.*", "is a version requirement, not an installed version"],
  ["PyPI", "^2.2", "is a version requirement, not an installed version"],
  ["PyPI", "unknown", "tells no version"],
  ["Red Hat:enterprise_linux:9", "(none)", "tells no version"],
  ["Rocky Linux:9", "", "tells no version"],
  ["Packagist", "dev-master", "tells no version"],
  ["Packagist", "dev-4.4", "is a branch, which may contain any version"],
  ["Packagist", "9999999-dev", "is a branch, which may contain any version"],
  ["Go", "v0.0.0", "is Go's placeholder for an unknown version"],
])("in %s the text %s %s", (ecosystem, version, why) => {
  expect(whyNoVersion({ ecosystem, version })).toBe(why);
});

test.each([
  ["Debian:12", "1:2.3~rc1+dfsg-4+deb12u1"],
  ["Fedora:40", "0:1.2^20240101git-1.fc40"],
  ["Arch Linux", "1:2.0@3-1"],
  ["PyPI", "1!2.0+local.1"],
  ["Maven", "2.0-beta9"],
  ["Packagist", "v4.4.0-RC1"],
  ["ConanCenter", "cci.20200203"],
  ["Go", "v0.0.0-20240101000000-abcdef012345"],
])("in %s the text %s may be a version", (ecosystem, version) => {
  expect(whyNoVersion({ ecosystem, version })).toBeUndefined();
});
