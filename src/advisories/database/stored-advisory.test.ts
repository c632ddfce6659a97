import { expect, test } from "vitest";
import type { Advisory } from "../../model/advisory.ts";
import { recordState } from "./database-format.ts";
import { type AdvisoryRow, StoredAdvisory } from "./stored-advisory.ts";

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

function stored(body: string, state = 0): StoredAdvisory {
  const row: AdvisoryRow = ["A-1", "2024-02-01T00:00:00Z", body, JSON.stringify(affected)];
  return new StoredAdvisory(row, { path: "/a.db", state });
}

test("every field of an advisory is there, and so is the whole", () => {
  const advisory = stored(JSON.stringify(text), recordState.withdrawn);
  const whole = { id: "A-1", modified: "2024-02-01T00:00:00Z", affected, ...text };
  for (const [field, value] of Object.entries(whole)) expect(advisory[field as keyof Advisory]).toEqual(value);
  expect(JSON.parse(JSON.stringify(advisory))).toEqual(whole);
});

test("a field that the text lacks is undefined", () => {
  const advisory = stored("{}");
  expect([advisory.withdrawn, advisory.aliases, advisory.summary]).toEqual([undefined, undefined, undefined]);
});

test("the text is read when a field of it is asked for, and a damaged one told then", () => {
  const advisory = stored('{"summary":');
  expect([advisory.id, advisory.affected, advisory.withdrawn]).toEqual(["A-1", affected, undefined]);
  expect(() => advisory.summary).toThrow(expect.objectContaining({ code: "database-malformed" }));
});
