import { expect, test } from "vitest";
import { readTrackerRelease } from "./tracker-release.ts";

const open = [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }];

test.each([
  [{}, {}],
  [{ nodsa: "Minor issue", nodsa_reason: "" }, { reason: "no-dsa: Minor issue" }],
  [
    { nodsa: "Minor issue", nodsa_reason: "postponed" },
    { status: "fix-deferred", reason: "postponed: Minor issue" },
  ],
  [
    { nodsa: "Too intrusive", nodsa_reason: "ignored" },
    { status: "will-not-fix", reason: "ignored: Too intrusive" },
  ],
  [
    { nodsa: "", nodsa_reason: "ignored" },
    { status: "will-not-fix", reason: "ignored" },
  ],
  [{ urgency: "end-of-life" }, { status: "end-of-life", reason: "end-of-life" }],
  [{ status: "undetermined" }, { status: "under-investigation", reason: "undetermined" }],
])("an open issue with %j says %j", (fields, extension) => {
  expect(readTrackerRelease({ status: "open", urgency: "not yet assigned", ...fields })).toEqual({
    kind: "affected",
    ranges: open,
    extension: { ...extension, names: "source" },
  });
});

test("a fix ends the range, and 0 says that no version was affected", () => {
  expect(readTrackerRelease({ status: "resolved", fixed_version: "1.2-3", urgency: "low**" })).toEqual({
    kind: "affected",
    ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "1.2-3" }] }],
    extension: { names: "source" },
    urgency: "low",
  });
  expect(readTrackerRelease({ status: "resolved", fixed_version: "0", urgency: "unimportant" })).toEqual({
    kind: "not-affected",
  });
});

test("an open issue that is unimportant keeps the word", () => {
  expect(readTrackerRelease({ status: "open", urgency: "unimportant" })).toMatchObject({ urgency: "unimportant" });
});

test.each([undefined, null, [], "open", {}, { status: "resolved" }, { status: "new" }])("%j says nothing", (value) => {
  expect(readTrackerRelease(value)).toBeUndefined();
});

test.each(["0 ", " 0"])("%j is 0, which no version is before", (fixed) => {
  expect(readTrackerRelease({ status: "resolved", fixed_version: fixed })).toEqual({ kind: "not-affected" });
});
