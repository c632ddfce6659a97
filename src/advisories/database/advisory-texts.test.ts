import { expect, test } from "vitest";
import type { Affected } from "../../model/advisory.ts";
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
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: [] },
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: [""] },
  { package: { ecosystem: "PyPI", name: "a-b" }, versions: ["", "1"] },
])("entries are read as they were written: %j", (entry) => {
  expect(readAffected(writeAffected([entry, entry], "a-b"), "a-b")).toEqual([entry, entry]);
});

test("of a package its ecosystem and name are kept", () => {
  const entry = { package: { ecosystem: "PyPI", name: "a", purl: "pkg:pypi/a" } };
  expect(readAffected(writeAffected([entry], "a"), "a")).toEqual([{ package: { ecosystem: "PyPI", name: "a" } }]);
});

test.each(["{", "{}", "null", "[null]"])("a text that holds no entries throws: %s", (text) => {
  expect(() => readAffected(text, "a")).toThrow();
});
