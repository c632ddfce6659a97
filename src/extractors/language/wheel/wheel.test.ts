import { zip } from "../../../../tests/setup/zip.ts";
import { describeExtractor } from "../../conformance.ts";
import type { Extraction } from "../../extractor.ts";
import { wheel } from "./wheel.ts";

const metadata = "Metadata-Version: 2.1\nName: Jinja2\nVersion: 2.11.1\n\nText.\n";
const bundled = "Metadata-Version: 2.1\nName: MarkupSafe\nVersion: 1.1.0\n";
const members = [
  { name: "jinja2/__init__.py", content: "" },
  { name: "jinja2/_vendor/MarkupSafe-1.1.0.dist-info/METADATA", content: bundled },
  { name: "Jinja2-2.11.1.dist-info/METADATA", content: metadata },
];

describeExtractor(wheel, [
  {
    path: "Jinja2-2.11.1-py2.py3-none-any.whl",
    bytes: zip(members),
    expected: [
      of("MarkupSafe", "1.1.0", "jinja2/_vendor/MarkupSafe-1.1.0.dist-info/METADATA"),
      of("Jinja2", "2.11.1", "Jinja2-2.11.1.dist-info/METADATA"),
    ],
  },
]);

function of(name: string, version: string, inside: string): Extraction {
  return { kind: "package", package: { type: "pypi", name, version, inside } };
}
