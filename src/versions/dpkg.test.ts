import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { dpkg } from "./dpkg.ts";

const run = fc.string({ unit: fc.constantFrom(..."0019az.+~"), maxLength: 5 });

describeScheme(dpkg, {
  ascending: [
    "0~",
    "0",
    "1.0~~",
    "1.0~~a",
    "1.0~",
    "1.0",
    "1.0-0.1",
    "1.0-1~deb12u1",
    "1.0-1",
    "1.0-1+b1",
    "1.0-1.1",
    "1.0a",
    "1.0+dfsg",
    "1.0.1",
    "1.9",
    "1.10",
    "1:0.1",
    "2:0",
  ],
  equal: [
    ["1.0", "0:1.0", "00:1.0", "1.0-0", "1.00", " 1.0\n"],
    ["1.0-01", "1.0-1"],
    ["0.0.0", "0.0.0-00"],
  ],
  refused: [
    "",
    " ",
    "-1",
    ":1",
    "a",
    "a:1",
    "1:",
    "1-",
    "1:a",
    "1.0!",
    "1.0-1!",
    "1 0",
    "-1:1",
    "2147483648:1",
    "1.0é",
  ],
  versions: fc
    .tuple(
      fc.constantFrom("", "0:", "1:", "01:"),
      fc.constantFrom("0", "1", "10"),
      run,
      fc.option(run.filter((text) => text !== "")),
    )
    .map(
      ([epoch, digit, upstream, revision]) => `${epoch}${digit}${upstream}${revision === null ? "" : `-${revision}`}`,
    ),
});
