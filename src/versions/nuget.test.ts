import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { nuget } from "./nuget.ts";

const label = fc.constantFrom("0", "1", "10", "01", "alpha", "Beta", "beta2", "RC", "rc", "-", "a-1");

describeScheme(nuget, {
  ascending: [
    "0.0.0-0",
    "0",
    "0.9.9.1",
    "1.0-2",
    "1.0.0-10",
    "1.0.0--",
    "1.0.0-alpha",
    "1.0.0-BETA",
    "1.0.0-beta.1",
    "1.0.0-beta.a",
    "1.0.0-beta2",
    "1.0.0-RC.1",
    "1.0.0",
    "1.0.0.1-alpha",
    "1.0.0.1-pre",
    "1.0.0.1",
    "1.0.1",
    "1.1",
    "10",
  ],
  equal: [
    ["1", "1.0", "1.0.0", "1.0.0.0", "01.00", " 1.0 ", "1.0.0+build.5", "1.0.0+Build"],
    ["1.0.0-RC.1", "1.0.0.0-rc.1", "1-Rc.01+a"],
  ],
  refused: [
    "",
    " ",
    "v1.0",
    "1.",
    ".1",
    "1..0",
    "1.0.0.0.0",
    "1.0-",
    "1.0-a..b",
    "1.0-a_b",
    "1.0a",
    "1.0+",
    "1.0+a+b",
    "1.0 beta",
    "1.*",
    "[1.0,2.0)",
    "1.0-\u212a",
  ],
  versions: fc
    .tuple(
      fc.array(fc.constantFrom("0", "1", "2", "10", "01"), { minLength: 1, maxLength: 4 }),
      fc.array(label, { maxLength: 3 }),
      fc.constantFrom("", "+b", "+A.1"),
    )
    .map(
      ([numbers, labels, build]) =>
        `${numbers.join(".")}${labels.map((text, at) => (at ? "." : "-") + text).join("")}${build}`,
    ),
});
