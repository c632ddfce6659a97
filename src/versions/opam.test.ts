import fc from "fast-check";
import { describeScheme } from "./conformance.ts";
import { opam } from "./opam.ts";

const run = fc.string({ unit: fc.constantFrom(..."0019av.+~_"), minLength: 1, maxLength: 5 });

describeScheme(opam, {
  ascending: [
    "~~",
    "~beta1",
    "0~",
    "0.1",
    "1.0~beta",
    "1.0~beta-2",
    "1.0",
    "1.0-1",
    "1.0-2",
    "1.0-10",
    "1.0a",
    "1.0+1",
    "1.0.1",
    "1.9",
    "1.10",
    "dev",
    "v0.9.0",
    "v0.16.0",
  ],
  equal: [["1.0", "1.00", "1.0-0", "1.0-", " 1.0\n"]],
  refused: ["", " ", "1:0", "1 0", "1.0!", "1.0/1", "1.é", "\u0000", "{1}"],
  versions: fc.tuple(run, fc.option(run)).map(([version, revision]) => (revision ? `${version}-${revision}` : version)),
});
