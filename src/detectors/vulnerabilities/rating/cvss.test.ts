import { expect, test } from "vitest";
import { scoreCvss, severityOfScore } from "./cvss.ts";
import { scoreCvss3 } from "./cvss-v3.ts";

test("scores fall into the words of the specification", () => {
  const words = [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(severityOfScore);
  expect(words).toEqual(["negligible", "low", "low", "medium", "medium", "high", "high", "critical", "critical"]);
});

test("a vector of an unknown version has no score", () => {
  const metrics = "/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
  expect(["3.0", "3.1", "3.2", "2.9"].map((version) => scoreCvss3(`CVSS:${version}${metrics}`))).toEqual([
    9.8,
    9.8,
    undefined,
    undefined,
  ]);
  expect(scoreCvss(`CVSS:3.2${metrics}`)).toBeUndefined();
});
