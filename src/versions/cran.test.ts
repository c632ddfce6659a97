import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { cran } from "./cran.ts";

describeScheme(cran, {
  ascending: [
    "0",
    "0.1",
    "0.1-0",
    "0.1.0-0",
    "0.1-2",
    "0.1.18",
    "0.75",
    "0.75-1",
    "0.80",
    "1",
    "1.9",
    "1-10",
    "2024.1",
  ],
  equal: [
    ["0.1-0", "0.01.0", "00-1-0", " 0.1.0\n"],
    ["1", "01"],
  ],
  refused: [
    "",
    " ",
    "a",
    "v1.0",
    "1.",
    ".1",
    "-1",
    "1-",
    "1..2",
    "1.-2",
    "1.0a",
    "1.0+1",
    "1 0",
    "1.0_1",
    "1.é",
    "1.٣",
  ],
  versions: fc
    .array(fc.tuple(fc.constantFrom("0", "1", "2", "10", "01"), fc.constantFrom(".", "-")), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.map(([number, separator], at) => (at === 0 ? number : separator + number)).join("")),
});
