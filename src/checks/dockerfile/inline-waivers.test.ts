import { expect, test } from "vitest";
import { dockerfileWaivers } from "./inline-waivers.ts";
import { parseDockerfile } from "./syntax/parse-dockerfile.ts";

const read = (text: string): ReturnType<typeof dockerfileWaivers> => dockerfileWaivers(parseDockerfile(text));

test("a comment above an instruction, or within it, is for that instruction", () => {
  const text = [
    "FROM a",
    "# plimsoll:ignore dockerfile/sudo,dockerfile/pipefail until=2027-01-31 reason=old image, see issue=7",
    "# another comment",
    "RUN sudo a \\",
    "# plimsoll:ignore dockerfile/run-cd reason='as it was'",
    "  && b",
  ];
  const place = { firstLine: 4, lastLine: 6 };
  const first = { until: "2027-01-31", reason: "old image, see issue=7", line: 2, ...place };
  expect(read(text.join("\n"))).toEqual({
    waivers: [
      { id: "dockerfile/sudo", ...first },
      { id: "dockerfile/pipefail", ...first },
      { id: "dockerfile/run-cd", reason: "as it was", line: 5, ...place },
    ],
    mistakes: [],
  });
});

test("a comment apart from instructions is for the whole file", () => {
  expect(read("# plimsoll:ignore dockerfile/healthcheck\n\nFROM a\nUSER b\n# plimsoll:ignore x\n").waivers).toEqual([
    { id: "dockerfile/healthcheck", line: 1, firstLine: 1, lastLine: 5 },
    { id: "x", line: 5, firstLine: 1, lastLine: 5 },
  ]);
});

test("a comment that cannot be read is a mistake, and waives nothing", () => {
  const { waivers, mistakes } = read(
    "# plimsoll:ignore\n# plimsoll:ignore until=2027-01-01\n# plimsoll:ignore a until=soon\n# plimsoll:ignores\nFROM a",
  );
  expect(waivers).toEqual([]);
  expect(mistakes.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
});

test.each(["*", "dockerfile/*", "dockerfile/sudo,d*"])("the wildcard in %s is a mistake, and waives nothing", (ids) => {
  const { waivers, mistakes } = read(`FROM a\n# plimsoll:ignore ${ids}\nRUN sudo a`);
  expect(waivers).toEqual([]);
  expect(mistakes).toEqual([{ line: 2, message: expect.stringContaining("must list check ids") }]);
});

test("text of a heredoc is no comment", () => {
  expect(read("FROM a\nRUN <<E\n# plimsoll:ignore a\nE\n").waivers).toEqual([]);
});
