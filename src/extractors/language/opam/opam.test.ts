import { describeExtractor } from "../../conformance.ts";
import { opam } from "./opam.ts";

const lines = [
  'opam-version: "2.0"',
  'compiler: ["ocaml.4.14.0"]',
  "installed: [",
  '  "dune.3.7.2"',
  '  "ocaml.4.14.0"',
  "]",
];

describeExtractor(opam, [
  {
    path: "home/opam/.opam/4.14.0/.opam-switch/switch-state",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      { kind: "package", package: { type: "opam", name: "dune", version: "3.7.2" } },
      { kind: "package", package: { type: "opam", name: "ocaml", version: "4.14.0" } },
    ],
  },
]);
