import { expect, test } from "vitest";
import { coversPackageUrl } from "./product-match.ts";

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
  expect(coversPackageUrl(stated, `pkg:rpm/redhat/nodejs@16.13.1-3?${qualifier}`)).toBe(expected);
});
