import { describeExtractor } from "../../conformance.ts";
import { condaEnvironment } from "./conda-environment.ts";

const lines = [
  "name: a",
  "dependencies:",
  "  - conda-forge::blas=1.0=openblas",
  "  - libgomp 13.2.0 hf8544c7_5",
  "  - numpy>=1.0",
  "  - pip:",
  "    - django==5.0.6",
];

describeExtractor(condaEnvironment, [
  {
    path: "environment.yml",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: { type: "conda", name: "blas", version: "1.0", declaration: { relation: "direct" } },
      },
      {
        kind: "package",
        package: { type: "conda", name: "libgomp", version: "13.2.0", declaration: { relation: "direct" } },
      },
      {
        kind: "package",
        package: { type: "pypi", name: "django", version: "5.0.6", declaration: { relation: "direct" } },
      },
    ],
  },
]);
