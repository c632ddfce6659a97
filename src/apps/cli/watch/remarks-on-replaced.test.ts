import { expect, test } from "vitest";
import type { DatabaseStatus } from "../../../model/findings/advisory.ts";
import { remarksOnReplaced } from "./remarks-on-replaced.ts";

function statusOf(builtAt: string, ...parts: readonly (readonly [feed: string, name: string])[]): DatabaseStatus {
  return {
    kind: "file",
    path: "a.sqlite",
    builtAt,
    source: "a test",
    records: 1,
    ecosystems: [],
    parts: parts.map(([feed, name]) => ({ feed, name, revision: 1, items: 1, updatedAt: builtAt })),
  };
}

const older = statusOf("2025-01-01T00:00:00Z", ["osv", "npm"]);
const newer = statusOf("2025-02-01T00:00:00Z", ["osv", "npm"], ["osv", "PyPI"], ["debian", "all"]);

test("a pulled database that is older, or has less, is remarked on", () => {
  expect(remarksOnReplaced({ status: older, replaced: newer })).toEqual([
    "it was built at 2025-01-01T00:00:00Z and replaced a database built at 2025-02-01T00:00:00Z",
    "it lacks data of the replaced database: PyPI, debian",
  ]);
});

test("one that is newer and has as much is not, and neither is the first", () => {
  expect(remarksOnReplaced({ status: newer, replaced: older })).toEqual([]);
  expect(remarksOnReplaced({ status: older, replaced: undefined })).toEqual([]);
});
