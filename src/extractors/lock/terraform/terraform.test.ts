import { describeExtractor } from "../../conformance.ts";
import { terraformLock } from "./terraform.ts";

const lines = [
  'provider "registry.terraform.io/hashicorp/aws" {',
  '  version     = "5.1.0"',
  '  constraints = "~> 5.0"',
  "  hashes = [",
  '    "h1:x=",',
  "  ]",
  "}",
  'provider "registry.opentofu.org/a/none" {',
  "}",
];

describeExtractor(terraformLock, [
  {
    path: ".terraform.lock.hcl",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: {
          type: "terraform",
          name: "registry.terraform.io/hashicorp/aws",
          version: "5.1.0",
          declaration: { line: 1, relation: "direct" },
        },
      },
    ],
  },
]);
