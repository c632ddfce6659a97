import fc from "fast-check";
import { bitnami } from "./bitnami.ts";
import { describeScheme } from "./conformance.ts";

const numbers = fc.array(fc.constantFrom("0", "1", "01", "10"), { minLength: 1, maxLength: 3 });
const programs = fc
  .tuple(numbers, fc.constantFrom("", "-rc1", "-rc.2", "-0.a"))
  .map(([parts, end]) => `${parts.join(".")}${end}`);
const plain = numbers.map((parts) => parts.join("."));
const packed = fc.tuple(plain, fc.nat(20)).map(([version, revision]) => `${version}-${revision}`);

describeScheme(bitnami, {
  ascending: ["2.6.0-rc7", "2.6.0-0", "2.6.0-3", "2.6.0-20", "2.6.1-rc.1", "2.6.1-1", "17.0.3-1", "17.0.3-2"],
  equal: [
    ["7.0.8", "7.0.8-3", "7.0.8.0"],
    ["7.0.8-3", "7.0.8-03", " v7.0.8-3 "],
    ["1.26.0-0", "1.26.0"],
  ],
  refused: ["", "-1", "a-1", "1..0-1", "1.0-1 2"],
  versions: fc.oneof(programs, packed),
  transitiveVersions: fc.oneof(
    packed,
    programs.filter((version) => version.includes("-")),
  ),
});
