import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { Package } from "../../../model/packages/package.ts";
import { findVulnerabilities } from "../find-vulnerabilities.ts";
import { KnownFindings } from "./known-findings.ts";

const open = (id: string) => ({
  id,
  modified: "2024-01-01T00:00:00Z",
  affected: [
    {
      package: { ecosystem: "npm", name: "a" },
      ranges: [{ type: "SEMVER" as const, events: [{ introduced: "1.0.0" }] }],
    },
  ],
});

function packageNamed(name: string, version: string): Package {
  return { type: "npm", name, version, purl: `pkg:npm/${name}@${version}`, paths: [], layer: 0 };
}

test("records that are left open take room as findings do", () => {
  const index = advisoryIndex([open("A-1"), open("A-2")]);
  const [first, second] = [packageNamed("a", "not a version"), packageNamed("b", "1.0.0")];
  const isKnownWithRoom = (room: number): boolean => {
    const known = new KnownFindings(room);
    const options = { distribution: null, index, known };
    expect(findVulnerabilities([first], options).problems).toHaveLength(1);
    findVulnerabilities([second], options);
    return known.in(null, index).get(first) !== undefined;
  };
  expect(isKnownWithRoom(4)).toBe(true);
  expect(isKnownWithRoom(3)).toBe(false);
});
