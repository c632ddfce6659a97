import { expect, test } from "vitest";
import type { Affected, AffectedRange } from "../../model/findings/advisory.ts";
import { readAffected, writeAdvisory, writeAffected } from "./advisory-texts.ts";

const advisory = { id: "A-1", modified: "2024-01-01T00:00:00Z", aliases: ["CVE-2024-1"], affected: [] };
const references = [{ type: "WEB", url: "https://example.org/" }];

test("what matching does not need is kept apart", () => {
  expect(writeAdvisory({ ...advisory, references, summary: "short", details: "long" })).toEqual({
    body: '{"aliases":["CVE-2024-1"],"summary":"short"}',
    background: `{"references":${JSON.stringify(references)},"details":"long"}`,
  });
});

test("details that are printed for want of a summary are not, and without anything else there is no background", () => {
  const body = '{"aliases":["CVE-2024-1"],"details":"long"}';
  expect(writeAdvisory({ ...advisory, details: "long" })).toEqual({ body });
  expect(writeAdvisory({ ...advisory, summary: "", details: "long" }).background).toBeUndefined();
});

test.each<Affected>([
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: ["1.0", "1.1"] },
  { package: { ecosystem: "PyPI", name: "A_B" }, versions: ["1.0 final", "1.1"] },
  { package: { ecosystem: "Debian:12", name: "a-b" }, ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }] }] },
  { package: { ecosystem: "Debian", name: "a-b" }, ranges: [{ type: "ECOSYSTEM", events: [{ last_affected: "1" }] }] },
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: ["1", "3"], ranges: [ranged("0", "2")] },
  { package: { ecosystem: "npm", name: "a-b" }, ranges: [ranged("1.0.0", "1.2.0", "2.0.0"), ranged("0", "0.5.0")] },
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: [] },
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: [""] },
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: ["", "1"] },
])("entries are read as they were written: %j", (entry) => {
  const read = readAffected(writeAffected([entry, entry], "a-b"), "a-b");
  expect(JSON.parse(JSON.stringify(read))).toEqual([entry, entry]);
  expect(read[0]?.versions).toEqual(entry.versions);
  expect(read[0]?.ranges).toEqual(entry.ranges);
});

test("of a package its ecosystem and name are kept", () => {
  const entry = { package: { ecosystem: "PyPI", name: "a", purl: "pkg:pypi/a" } };
  const read = readAffected(writeAffected([entry], "a"), "a");
  expect(JSON.parse(JSON.stringify(read))).toEqual([{ package: { ecosystem: "PyPI", name: "a" } }]);
});

/** A range that begins and ends by turns at these versions. */
function ranged(...bounds: readonly string[]): AffectedRange {
  const events = bounds.map((text, index) => (index % 2 === 0 ? { introduced: text } : { fixed: text }));
  return { type: "ECOSYSTEM", events };
}

test.each(["{", "{}", "null", "[null]"])("a text that holds no entries throws: %s", (text) => {
  expect(() => readAffected(text, "a")).toThrow();
});
