import fc from "fast-check";
import { expect, test } from "vitest";
import { describeScheme } from "./conformance.ts";
import { packagist } from "./packagist.ts";

const number = fc.constantFrom("0", "1", "2", "10", "01", "99999999999999999999");
const word = fc.constantFrom("dev", "alpha", "a", "beta", "RC", "rc", "p", "pl", "patch", "foo", "post");

describeScheme(packagist, {
  ascending: [
    "dev-foo",
    "0.9",
    "1.0-foo",
    "1.0-dev",
    "1.0a1",
    "1.0-alpha2",
    "1.0b1",
    "1.0-beta.2",
    "1.0RC1",
    "1.0-rc2",
    "1.0",
    "1.0.0-dev",
    "1.0.0",
    "1.0.0.1",
    "1.0.1",
    "1.0.post0",
    "1.0pl1",
    "1.0-p2",
    "1.0-patch3",
    "1.2",
    "1.10",
    "v2",
    "20240101",
  ],
  equal: [
    ["1.0", "v1.0", "V1.0", " 1.0 ", "01.00", "1-0", "1_0", "1+0", "1.0."],
    ["1.0-beta2.1", "1.0b2.1", "1.0.BETA-2-1", "1.0.b.2.1"],
    ["1.0-foo", "1.0-ea", "1.0-stable"],
    ["1.2.3", "1.2.3.#"],
  ],
  refused: [
    "",
    " ",
    "v",
    "latest",
    "master",
    "alpha",
    ".1",
    "1 0",
    "1\u00002",
    "2.x-dev",
    "v2.1.X",
    "1.*",
    "1.0é",
    "self.version",
    "^1.0",
  ],
  versions: fc
    .array(fc.oneof(number, word, fc.constant("#")), { minLength: 1, maxLength: 5 })
    .chain((parts) =>
      fc
        .array(fc.constantFrom(".", "-", "_", "+", ""), { minLength: parts.length, maxLength: parts.length })
        .map((separators) => `1${parts.map((part, index) => `${separators[index]}${part}`).join("")}`),
    ),
  transitiveVersions: fc
    .tuple(fc.constantFrom("", "v"), fc.array(fc.oneof(number, word), { minLength: 1, maxLength: 5 }))
    .map(([prefix, parts]) => `${prefix}1.${parts.join(".")}`),
});

test("keeps PHP's # equal to every number", () => {
  const [any, one, two] = ["1.#", "1.1", "1.2"].map((text) => packagist.parse(text));
  if (!any || !one || !two) throw new Error("one does not parse");
  expect(packagist.compare(any, one)).toBe(0);
  expect(packagist.compare(any, two)).toBe(0);
  expect(packagist.compare(one, two)).toBe(-1);
});
