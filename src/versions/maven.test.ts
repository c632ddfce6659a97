import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { maven } from "./maven.ts";

const number = fc.constantFrom("0", "1", "2", "10", "01");
const word = fc.constantFrom("alpha", "a", "beta", "m", "rc", "cr", "snapshot", "ga", "final", "sp", "x", "jre");

describeScheme(maven, {
  ascending: [
    "0.9",
    "1.0-alpha-1-SNAPSHOT",
    "1.0-alpha-1",
    "1.0-alpha-2",
    "1.0-beta-1",
    "1.0-m1",
    "1.0-rc",
    "1.0-cr2",
    "1.0-SNAPSHOT",
    "1.0",
    "1.0-sp",
    "1.0-abc",
    "1.0-jre",
    "1.0-1",
    "1.0-2",
    "1.0.1",
    "1.1.0",
    "2.0.0.RELEASE",
    "2.0.1.Final",
    "10",
  ],
  equal: [
    ["1", "1.0", "1.0.0", "1-ga", "1.Final", "1.0.RELEASE", "1-", "1.", "01", "1-0", " 1 "],
    ["1-a1", "1-alpha-1", "1ALPHA1", "1.0-Alpha-01"],
    ["1-rc", "1cr"],
    ["1-1", "1-ga-1", "1-0-1"],
  ],
  refused: ["", " ", "1 0", "1\u00002", "[1.0, 2.0)"],
  versions: fc
    .array(fc.oneof(number, word), { minLength: 1, maxLength: 5 })
    .chain((parts) =>
      fc
        .array(fc.constantFrom(".", "-", ""), { minLength: parts.length, maxLength: parts.length })
        .map((separators) => parts.map((part, index) => (index === 0 ? part : `${separators[index]}${part}`)).join("")),
    ),
  transitiveVersions: fc
    .tuple(
      fc.array(number, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(word, fc.constantFrom("", "1", "-2", "10")), { maxLength: 2 }),
    )
    .map(([numbers, words]) => `${numbers.join(".")}${words.map(([text, count]) => `-${text}${count}`).join("")}`),
});

test("keeps Maven's circle of 1-alpha, 1 and 1.sp", () => {
  const [alpha, release, servicePack] = ["1-alpha", "1", "1.sp"].map((text) => maven.parse(text));
  if (!alpha || !release || !servicePack) throw new Error("one does not parse");
  expect(maven.compare(alpha, release)).toBe(-1);
  expect(maven.compare(release, servicePack)).toBe(-1);
  expect(maven.compare(servicePack, alpha)).toBe(-1);
});
