import { describeExtractor } from "../../conformance.ts";
import { cpanSnapshot } from "./cpan.ts";

const lines = [
  "# carton snapshot format: version 1.0",
  "DISTRIBUTIONS",
  "  Class-Inspector-1.28",
  "    pathname: A/AD/ADAMK/Class-Inspector-1.28.tar.gz",
  "    provides:",
  "      Class::Inspector 1.28",
  "  libwww-perl-v6.67.0",
  "    pathname: O/OA/OALDERS/libwww-perl-v6.67.0.tar.gz",
  "",
];

describeExtractor(cpanSnapshot, [
  {
    path: "cpanfile.snapshot",
    bytes: new TextEncoder().encode(lines.join("\n")),
    expected: [
      {
        kind: "package",
        package: { type: "cpan", name: "Class-Inspector", version: "1.28", declaration: { line: 3 } },
      },
      { kind: "package", package: { type: "cpan", name: "libwww-perl", version: "v6.67.0", declaration: { line: 7 } } },
    ],
  },
]);
