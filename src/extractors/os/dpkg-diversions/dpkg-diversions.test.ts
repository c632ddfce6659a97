import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Problem } from "../../../model/reports/problem.ts";
import { describeExtractor } from "../../conformance.ts";
import { dpkgDiversions } from "./dpkg-diversions.ts";

const path = "var/lib/dpkg/diversions";
const bytes = (text: string) => new TextEncoder().encode(text);

describeExtractor(dpkgDiversions, [
  {
    path,
    bytes: bytes("/usr/bin/pg_config\n/usr/bin/pg_config.libpq-dev\npostgresql-common\n/usr/bin/a\n/usr/bin/a b\n:\n"),
    expected: [
      { kind: "diversion", path: "usr/bin/pg_config", to: "usr/bin/pg_config.libpq-dev", by: "postgresql-common" },
      { kind: "diversion", path: "usr/bin/a", to: "usr/bin/a b" },
    ],
  },
]);

describe("the diversions of dpkg", () => {
  function read(text: string) {
    const problems: Problem[] = [];
    const context = { signal: new AbortController().signal, problem: (problem: Problem) => problems.push(problem) };
    return { extractions: [...dpkgDiversions.extract(memoryFile(path, bytes(text)), context)], problems };
  }

  test("may be none, and may lack the last newline", () => {
    expect(read("")).toEqual({ extractions: [], problems: [] });
    expect(read("/a\n/b\n:")).toEqual({ extractions: [{ kind: "diversion", path: "a", to: "b" }], problems: [] });
  });

  const crlf = "/a\r\n/b\r\n:\r\n";
  test.each(["/a\n/b\n", "/a\n", "a\n/b\n:\n", "/a\nb\n:\n", "/a\n/b\n\n", crlf, "/a\n/b\n \n"])(
    "give a problem for %j",
    (text) => {
      const { extractions, problems } = read(text);
      expect(extractions).toEqual([]);
      const message = expect.stringMatching(/^a diversion of var.lib.dpkg.diversions could not be read because /);
      expect(problems).toEqual([{ code: "unreadable", path, message }]);
    },
  );
});
