import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { hackage } from "./hackage.ts";

describeScheme(hackage, {
  ascending: ["0", "0.1.26.0", "0.11.3.0", "1", "1.0", "1.0.0", "1.0.0.0", "1.0.1", "1.9", "1.10", "2", "2.0"],
  equal: [["1.0", "01.00", " 1.0\n"]],
  refused: ["", " ", "a", "v1.0", "1.", ".1", "-1", "1-", "1..2", "1.0-1", "1.0-rc1", "1.0a", "1.0+1", "1 0"],
  versions: fc
    .array(fc.constantFrom("0", "1", "2", "10", "01"), { minLength: 1, maxLength: 5 })
    .map((numbers) => numbers.join(".")),
});
