import { describeExtractor } from "../../conformance.ts";
import { opamLock } from "./opam.ts";

const lines = [
  'opam-version: "2.0"',
  "depends: [",
  '  "dune" {= "3.7.2"}',
  '  "alcotest" {= "1.7.0" & with-test}',
  '  "any"',
  "]",
  'build: ["dune"]',
];

describeExtractor(opamLock, [
  {
    path: "app.opam.locked",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      { kind: "package", package: { type: "opam", name: "dune", version: "3.7.2", declaration: { line: 3 } } },
      { kind: "package", package: { type: "opam", name: "alcotest", version: "1.7.0", declaration: { line: 4 } } },
    ],
  },
]);
