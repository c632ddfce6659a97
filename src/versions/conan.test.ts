import fc from "fast-check";
import { expect, test } from "vitest";
import { conan } from "./conan.ts";
import { describeScheme } from "./conformance.ts";

const number = fc.constantFrom("0", "1", "2", "10", "01");
const word = fc.constantFrom("a", "b", "rc1", "1a", "*", "pre");
const items = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 4 }).map((list) => list.join("."));
const tail = (sign: string, item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.option(items(item), { freq: 2 }).map((text) => (text === null ? "" : sign + text));

describeScheme(conan, {
  ascending: [
    "0",
    "1.0.0-",
    "1.0.0-1",
    "1.0.0-alpha.3",
    "1.0.0-alpha.22",
    "1.0.0-alpha.22+b1",
    "1.0.0-pre1",
    "1.0.0",
    "1+b1",
    "1+b2",
    "1.0.0.1",
    "1.1",
    "1.1.3",
    "1.1.22",
    "1.1a",
    "1.a",
    "2",
    "a.b.c",
    "b.c",
  ],
  equal: [
    ["1", "1.0", "1.0.0.0", "01", " 1.0\n"],
    ["1-PRE1", "1.0.0-pre1.0"],
    ["1+b1", "1.0+b1.0"],
  ],
  refused: ["", " ", "-1", "+1", ".1", "1 0", "1\u00000", "1.é", "[>1.0]", ">1"],
  versions: fc
    .tuple(items(fc.oneof(number, word)), tail("-", fc.oneof(number, word)), tail("+", fc.oneof(number, word)))
    .map((parts) => parts.join("")),
  transitiveVersions: fc.tuple(items(number), tail("-", word), tail("+", number)).map((parts) => parts.join("")),
});

test("a number and a text in one place are compared as texts, so the order is not transitive there", () => {
  const [two, ten, text] = ["2", "10", "1a"].map((version) => conan.parse(version));
  if (!two || !ten || !text) throw new Error("one does not parse");
  expect([conan.compare(two, ten), conan.compare(ten, text), conan.compare(two, text)]).toEqual([-1, -1, 1]);
});
