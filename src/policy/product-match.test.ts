import { expect, test } from "vitest";
import { parsePackageUrl } from "../model/packages/package-url.ts";
import { coversPackage, readProduct } from "./product-match.ts";

const stream = "pkg:rpm/redhat/nodejs?rpmmod=nodejs:16";
const build = "nodejs:16:8050020211213115342:c5368500";

test.each([
  [stream, `rpmmod=${build}`, true],
  [stream, `modularitylabel=${build}`, true],
  [stream, "rpmmod=nodejs:16", true],
  [`pkg:rpm/redhat/nodejs?rpmmod=${build}`, "rpmmod=nodejs:16", true],
  [stream, "rpmmod=nodejs:18:8050020211213115342:c5368500", false],
  [stream, "rpmmod=nodejs:160", false],
  [stream, "rpmmod=nodejs", false],
  [`pkg:rpm/redhat/nodejs?rpmmod=${build}`, "rpmmod=nodejs:16:8060:c5368500", false],
  [stream, "arch=x86_64", false],
])("%s covers a package with %s: %s", (stated, qualifier, expected) => {
  const purl = `pkg:rpm/redhat/nodejs@16.13.1-3?${qualifier}`;
  const subject = { purl, found: parsePackageUrl(purl), source: undefined };
  expect(coversPackage(readProduct({ "@id": stated }), subject, {})).toBe(expected);
});
