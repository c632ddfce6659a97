import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../tests/setup/temporary-folder.ts";
import { cveOfPath, readListing } from "./csaf-listing.ts";

const folder = temporaryFolder();

function read(text: string) {
  const file = join(folder, "changes.csv");
  writeFileSync(file, text);
  return readListing(file);
}

test("documents are listed by path, whatever the order and the line ends, each with its latest time", () => {
  const text = '"2024/cve-2024-2.json","2024-02-01T00:00:00+00:00"\r\n"2024/cve-2024-1.json","2024-01-01T00:00:00Z"\n';
  expect(read(`${text}2024/cve-2024-1.json,2024-03-01T00:00:00Z`)).toEqual([
    { path: "2024/cve-2024-1.json", time: Date.UTC(2024, 2, 1) },
    { path: "2024/cve-2024-2.json", time: Date.UTC(2024, 1, 1) },
  ]);
});

test("an empty listing lists nothing", () => {
  expect(read("\n")).toEqual([]);
});

test.each([
  "<html>",
  '"../../etc/passwd","2024-01-01T00:00:00Z"',
  '"/etc/passwd","2024-01-01T00:00:00Z"',
  '"https://example.com/a","2024-01-01T00:00:00Z"',
  '"a/../b","2024-01-01T00:00:00Z"',
  '"a.json","yesterday"',
  '"a.json"',
])("a listing that holds %s is not one", (text) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "feed-malformed" }));
});

test("a path names a CVE id by its last name", () => {
  expect(cveOfPath("2024/cve-2024-0001.json")).toBe("CVE-2024-0001");
  expect(cveOfPath("cve-2024-0001.json")).toBe("CVE-2024-0001");
  for (const path of ["2024/rhsa-2024_1.json", "cve-2024-0001.json.asc", "xcve-2024-0001.json", "index.txt"]) {
    expect(cveOfPath(path)).toBeUndefined();
  }
});
