import { expect, test } from "vitest";
import type { Advisory } from "../../../model/findings/advisory.ts";
import { describeRecords } from "./describe-records.ts";

const record: Advisory = { id: "GHSA-1", modified: "2024-02-01T00:00:00Z", published: "2021-12-10T00:00:00Z" };

test("several records give the first publication, the last change and each address once, advisories first", () => {
  const web = { type: "WEB", url: "https://example.org/web" };
  const advisory = { type: "ADVISORY", url: "https://example.org/advisory" };
  const fix = { type: "FIX", url: "http://example.org/fix" };
  const other = { ...record, modified: "2023-01-01T00:00:00Z", published: "2021-12-11T00:00:00Z" };
  expect(
    describeRecords([
      { ...record, references: [web, fix] },
      { ...other, references: [advisory, web] },
    ]),
  ).toEqual({
    published: "2021-12-10T00:00:00Z",
    modified: "2024-02-01T00:00:00Z",
    references: [advisory.url, fix.url, web.url],
  });
});

test("a record without dates and addresses gives none, nor do times that stand for unknown ones", () => {
  expect(describeRecords([{ id: "ALPINE-1", modified: "1970-01-01T00:00:00Z" }])).toEqual({});
  const zero = "0001-01-01T00:00:00Z";
  expect(describeRecords([{ id: "A-1", modified: zero, published: "yesterday", references: [] }])).toEqual({});
});

test("a record cannot fill the report with addresses, nor with what is none", () => {
  const urls = ["javascript:alert(1)", "ftp://example.org", "https://a b", `https://${"a".repeat(3_000)}`];
  const many = Array.from({ length: 500 }, (_, index) => ({ type: "WEB", url: `https://example.org/${index}` }));
  expect(describeRecords([{ ...record, references: urls.map((url) => ({ type: "WEB", url })) }])).toEqual({
    published: record.published,
    modified: record.modified,
  });
  expect(describeRecords([{ ...record, references: many }]).references).toHaveLength(20);
});
