import { describeExtractor } from "../../conformance.ts";
import { condaLock } from "./conda-lock.ts";

const lines = [
  "version: 1",
  "package:",
  "- name: openssl",
  "  version: 3.1.2",
  "  manager: conda",
  "  platform: linux-64",
  "  category: main",
  "- name: openssl",
  "  version: 3.1.2",
  "  manager: conda",
  "  platform: osx-64",
  "- {name: ruff, version: 0.0.1, manager: pip, category: dev}",
];

describeExtractor(condaLock, [
  {
    path: "conda-lock.yml",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      { kind: "package", package: { type: "conda", name: "openssl", version: "3.1.2" } },
      {
        kind: "package",
        package: { type: "pypi", name: "ruff", version: "0.0.1", declaration: { development: true } },
      },
    ],
  },
]);
