import fc from "fast-check";
import { expect, test } from "vitest";
import { alpm } from "./alpm.ts";
import { describeScheme } from "./conformance.ts";

const segment = fc.constantFrom("0", "1", "2", "10", "01", "a", "b", "rc1", "1a", "1.a", "r5.gabc");
const segments = fc
  .array(fc.tuple(fc.constantFrom(".", "_", "+"), segment), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.map(([separator, text], at) => (at === 0 ? text : separator + text)).join(""));

describeScheme(alpm, {
  ascending: [
    "1.0a-1",
    "1.0alpha-1",
    "1.0b-1",
    "1.0beta-1",
    "1.0p-1",
    "1.0pre-1",
    "1.0rc-1",
    "1.0-1",
    "1.0-1.1",
    "1.0-2",
    "1.0-10",
    "1.0.a-1",
    "1.0.1-1",
    "1.0..1-1",
    "1.9-1",
    "1.10-1",
    "1:0.1-1",
    "2:0-1",
  ],
  equal: [
    ["1.0-1", "0:1.0-1", ":1.0-1", "01.0-01", "1.0", "1_0-1", " 1.0-1\n"],
    ["1.5.b", "1.5.b-1"],
  ],
  refused: ["", " ", "-", ":", "1 0", "1\u00000", "1.é", "..", "-~"],
  versions: fc
    .tuple(fc.constantFrom("", "0:", "1:", "10:"), segments, fc.option(segments))
    .map(([epoch, version, release]) => `${epoch}${version}${release === null ? "" : `-${release}`}`),
  transitiveVersions: fc
    .tuple(fc.constantFrom("", "0:", "1:", "10:"), segments, fc.constantFrom("1", "2", "1.1", "10"))
    .map(([epoch, version, release]) => `${epoch}${version}-${release}`),
});

test("a missing release equals any", () => {
  const [none, one, two] = ["1.5", "1.5-1", "1.5-2"].map((text) => alpm.parse(text));
  if (!none || !one || !two) throw new Error("one does not parse");
  expect([alpm.compare(none, one), alpm.compare(none, two), alpm.compare(one, two)]).toEqual([0, 0, -1]);
});
