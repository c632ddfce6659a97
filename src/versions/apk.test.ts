import fc from "fast-check";
import { apk } from "./apk.ts";
import { describeScheme } from "./conformance.ts";

const numbers = fc
  .array(fc.constantFrom("0", "00", "01", "010", "1", "2", "10", ""), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("."));
const suffix = fc
  .tuple(
    fc.constantFrom("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"),
    fc.constantFrom("", "0", "1", "02", "10"),
  )
  .map(([word, number]) => `_${word}${number}`);

describeScheme(apk, {
  ascending: [
    "0",
    ".1",
    "1.0.0_alpha",
    "1.0.0_alpha2",
    "1.0.0_beta",
    "1.0.0_pre20240101",
    "1.0.0_rc1_p1",
    "1.0.0_rc2",
    "1.0.0-r0",
    "1.0.0-r10",
    "1.0.0~0af",
    "1.0.0~0b-r1",
    "1.0.0_cvs1",
    "1.0.0_svn1",
    "1.0.0_git20240101",
    "1.0.0_hg1",
    "1.0.0_p1",
    "1.0.0_p1-r1",
    "1.0.0_p2",
    "1.0.0a",
    "1.0.0b",
    "1.0.0p2",
    "1.0.0p10",
    "1.01",
    "1.010",
    "1.1",
    "1.9.5p2-r1",
    "1.10",
    "2",
  ],
  equal: [
    ["1-r", "1-r0", "01-r00"],
    ["1_p1", "1_p01"],
  ],
  refused: [
    "",
    ".",
    "a",
    "v1.2.3",
    "latest",
    "1.2_blah",
    "1.2A",
    "1.0bc",
    "1--r1",
    "-r1",
    "1-1",
    "1-r0-r1",
    "1~xyz",
    "1~",
    "1-r1_p1",
    "1 ",
    "1_",
  ],
  versions: fc
    .tuple(
      numbers,
      fc.constantFrom("", "a", "b", "p1", "p2"),
      fc.array(suffix, { maxLength: 2 }),
      fc.constantFrom("", "~0a", "~ff"),
      fc.constantFrom("", "-r", "-r0", "-r1", "-r10"),
    )
    .map(([number, letter, suffixes, hash, revision]) => `${number}${letter}${suffixes.join("")}${hash}${revision}`),
});
