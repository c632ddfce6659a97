import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import { rpmManifest } from "./rpm-manifest.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const path = "var/lib/rpmmanifest/container-manifest-2";

describeExtractor(rpmManifest, [
  {
    path,
    bytes: bytes(
      [
        "glibc\t2.35-2.cm2\t1653816591\t1653628955\tMicrosoft Corporation\t(none)\t10855265\tx86_64\t0\tglibc-2.35-2.cm2.src.rpm",
        "gpg-pubkey\t3135ce90-5e6fda74\t1653816591\t1\t(none)\t(none)\t0\t(none)\t0\t(none)",
        "vim\t9.0-1.cm2\t1653816591\t1653753130\t(none)\t2\t45000\tx86_64\t2\t(none)",
        "",
      ].join("\n"),
    ),
    expected: [
      {
        kind: "package",
        package: {
          type: "rpm",
          name: "glibc",
          version: "2.35-2.cm2",
          architecture: "x86_64",
          source: { name: "glibc", version: "2.35-2.cm2" },
          vendor: "Microsoft Corporation",
        },
      },
      { kind: "package", package: { type: "rpm", name: "vim", version: "2:9.0-1.cm2", architecture: "x86_64" } },
    ],
  },
]);

describe("the manifest of a distroless rpm image", () => {
  test.each([
    ["a line with too few columns", "glibc\t2.35-2.cm2"],
    ["a line without a name", "(none)\t1-1\t1\t1\tv\t(none)\t1\tx86_64\t0\ta-1-1.src.rpm"],
    ["an epoch that is not a number", "a\t1-1\t1\t1\tv\tone\t1\tx86_64\t0\ta-1-1.src.rpm"],
  ])("gives a problem for %s", (_, text) => {
    const problems: Problem[] = [];
    const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
    expect([...rpmManifest.extract(memoryFile(path, bytes(text)), context)]).toEqual([]);
    expect(problems.length).toBe(1);
  });
});
