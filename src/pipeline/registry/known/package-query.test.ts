import { expect, test } from "vitest";
import type { ListedPackage } from "../../../model/packages/package-search.ts";
import { parsePackageQuery } from "./package-query.ts";

const log4j: ListedPackage = {
  type: "maven",
  name: "org.apache.logging.log4j:log4j-core",
  version: "2.14.1",
  purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
  paths: ["app/log4j-core.jar"],
  layer: 0,
};
const libssl: ListedPackage = {
  type: "deb",
  name: "libssl3",
  version: "3.0.15-1~deb12u1",
  purl: "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12",
  paths: [],
  layer: 0,
  source: { name: "openssl", version: "3.0.15-1~deb12u1" },
};
const typing: ListedPackage = {
  type: "pypi",
  name: "typing_extensions",
  version: "4.12.2",
  purl: "pkg:pypi/typing-extensions@4.12.2",
  paths: [],
  layer: null,
};
const babel: ListedPackage = {
  type: "npm",
  name: "@babel/core",
  version: "7.24.0",
  purl: "pkg:npm/%40babel/core@7.24.0",
  paths: [],
  layer: null,
};

test.each([
  ["log4j-core", log4j, true],
  ["LOG4J-CORE", log4j, true],
  ["org.apache.logging.log4j:log4j-core", log4j, true],
  ["log4j", log4j, false],
  ["log4j*", log4j, true],
  ["*log4j*", log4j, true],
  ["log4j-core@2.14.1", log4j, true],
  ["log4j-core@<2.17.1", log4j, true],
  ["log4j-core@>=2.0, <2.14.1", log4j, false],
  ["log4j-core@<=2.14.1", log4j, true],
  ["log4j-core@>2.14.1", log4j, false],
  ["pkg:maven/org.apache.logging.log4j/log4j-core", log4j, true],
  ["pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", log4j, true],
  ["pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0", log4j, false],
  ["pkg:maven/org.example/log4j-core", log4j, false],
  ["libssl3", libssl, true],
  ["openssl", libssl, true],
  ["openssl@<3.0.15-1", libssl, true],
  ["openssl@=3.0.15-1", libssl, false],
  ["pkg:deb/debian/libssl3", libssl, true],
  ["pkg:deb/debian/libssl3?arch=arm64", libssl, false],
  ["Typing.Extensions", typing, true],
  ["typing-*@>=4", typing, true],
  ["@babel/core", babel, true],
  ["@babel/core@<not/a/version", babel, "undecided"],
  ["@babel/*", babel, true],
  ["core", babel, false],
  ["pkg:npm/%40babel/core", babel, true],
] as const)("%s: %o fits: %s", (text, found, fits) => {
  expect(parsePackageQuery(text).fits(found)).toBe(fits);
});

test.each(["", "*@", "log4j@<", "log4j@>=1,", "log4j@^2", "pkg:maven", "x".repeat(1001)])("refuses %j", (text) => {
  expect(() => parsePackageQuery(text)).toThrow(/is not a package/);
});
