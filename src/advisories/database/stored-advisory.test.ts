import { expect, test } from "vitest";
import type { Advisory } from "../../model/findings/advisory.ts";
import { writeAdvisory, writeAffected } from "./advisory-texts.ts";
import { recordState } from "./database-format.ts";
import { type AdvisoryRow, type RowOrigin, StoredAdvisory } from "./stored-advisory.ts";

const affected: NonNullable<Advisory["affected"]> = [{ package: { ecosystem: "npm", name: "a" }, versions: ["1.0.0"] }];
const text = {
  schema_version: "1.7.0",
  published: "2024-01-01T00:00:00Z",
  withdrawn: "2024-03-01T00:00:00Z",
  aliases: ["CVE-2024-1"],
  related: ["A-2"],
  upstream: ["CVE-2024-2"],
  summary: "a hole",
  details: "a deep hole",
  severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N" }],
  references: [{ type: "WEB", url: "https://example.org/" }],
  database_specific: { severity: "HIGH" },
} satisfies Partial<Advisory>;

function stored(advisory: Advisory, changes: { readonly body?: string; readonly state?: number } = {}): StoredAdvisory {
  const { body, background } = writeAdvisory(advisory);
  const row: AdvisoryRow = [7, advisory.id, changes.body ?? body, writeAffected(affected, "a")];
  const read: RowOrigin["background"] = (record) =>
    record === 7 ? { modified: advisory.modified, body: background } : undefined;
  return new StoredAdvisory(row, { path: "/a.db", state: changes.state ?? 0, name: "a", background: read });
}

const whole: Advisory = { id: "A-1", modified: "2024-02-01T00:00:00Z", affected, ...text };

test("every field of an advisory is there, and so is the whole", () => {
  const advisory = stored(whole, { state: recordState.withdrawn });
  for (const [field, value] of Object.entries(whole)) {
    expect(JSON.parse(JSON.stringify(advisory[field as keyof Advisory]))).toEqual(value);
  }
  expect(JSON.parse(JSON.stringify(advisory))).toEqual(whole);
});

test("a field that the text lacks is undefined", () => {
  const advisory = stored({ id: "A-1", modified: "2024-02-01T00:00:00Z" });
  const { withdrawn, aliases, summary, published, details } = advisory;
  expect([withdrawn, aliases, summary, published, details]).toEqual(Array.from({ length: 5 }, () => undefined));
});

test("the text is read when a field of it is asked for, and a damaged one told then", () => {
  const advisory = stored(whole, { body: '{"summary":' });
  const [entry] = advisory.affected;
  expect([advisory.id, entry?.versions, advisory.withdrawn]).toEqual(["A-1", ["1.0.0"], undefined]);
  expect(() => advisory.summary).toThrow(expect.objectContaining({ code: "database-malformed" }));
});
