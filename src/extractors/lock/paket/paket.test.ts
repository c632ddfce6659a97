import { expect, test } from "vitest";
import { extractorProblems } from "../../../../tests/setup/extractor-problems.ts";
import { describeExtractor } from "../../conformance.ts";
import { paketLock } from "./paket.ts";

const text = `NUGET
  remote: https://api.nuget.org/v3/index.json
    Newtonsoft.Json (12.0.3)
      NETStandard.Library (>= 1.6.1)
    NUnit (2.6.4) - restriction: >= net45

GROUP Build
NUGET
  remote: https://api.nuget.org/v3/index.json
    NUnit (2.6.4)
`;

describeExtractor(paketLock, [
  {
    path: "paket.lock",
    bytes: Buffer.from(text),
    expected: [
      {
        kind: "package",
        package: { type: "nuget", name: "Newtonsoft.Json", version: "12.0.3", declaration: { line: 3 } },
      },
      { kind: "package", package: { type: "nuget", name: "NUnit", version: "2.6.4", declaration: { line: 5 } } },
    ],
  },
]);

test.each([
  ["a package without a version", "NUGET\n  remote: https://api.nuget.org/v3/index.json\n    A\n"],
  ["a file from GitHub", "GITHUB\n  remote: fsharp/FAKE\n    a.fs (5.20.4)\n"],
])("lock/paket reports %s", (_, damaged) => {
  expect(extractorProblems(paketLock, "paket.lock", damaged)).toHaveLength(1);
});
