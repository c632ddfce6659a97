import { expect, test } from "vitest";
import { severityOfScore } from "./cvss.ts";

test("scores fall into the words of the specification", () => {
  const words = [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(severityOfScore);
  expect(words).toEqual(["negligible", "low", "low", "medium", "medium", "high", "high", "critical", "critical"]);
});
