import { expect, test } from "vitest";
import { erratumAdvisory, timeOf } from "./erratum.ts";

test.each([
  ["2018-01-11 21:05", "2018-01-11T21:05:00Z"],
  ["2021-07-22 03:13:55", "2021-07-22T03:13:55Z"],
  ["2007-06-26", "2007-06-26T00:00:00Z"],
  ["2024-04-17T22:02:46Z", "2024-04-17T22:02:46Z"],
  ["2024-04-17T22:02:46.123+02:00", "2024-04-17T20:02:46Z"],
  ["2024-13-01", undefined],
  ["yesterday", undefined],
  [undefined, undefined],
])("the time %s is %s", (text, time) => {
  expect(timeOf(text)).toBe(time);
});

test("a record has CVEs once, a title before a description, and a date that is no clock's", () => {
  const cves = ["CVE-2024-2", "CVE-2024-1000", "none", "CVE-2024-1000"];
  expect(erratumAdvisory({ id: "X-1", cves, title: " A\n title ", description: "more", affected: [] })).toEqual({
    id: "X-1",
    modified: "1970-01-01T00:00:00Z",
    upstream: ["CVE-2024-1000"],
    summary: "A title",
    affected: [],
  });
  const issued = "2020-01-01";
  const address = "javascript:alert(1)";
  expect(erratumAdvisory({ id: "X-1", cves: [], description: "more", issued, address, affected: [] })).toEqual({
    id: "X-1",
    modified: "2020-01-01T00:00:00Z",
    published: "2020-01-01T00:00:00Z",
    details: "more",
    affected: [],
  });
});
