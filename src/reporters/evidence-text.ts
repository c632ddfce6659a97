import type { Evidence } from "../model/checks/check.ts";

/** What was seen, and what would have passed: `hostPID: true; expected: false`. Not yet printable. */
export function evidenceText({ subject, value, expected }: Evidence): string {
  const seen = value === undefined ? "not set" : value === "" ? "empty" : value;
  return `${subject}: ${seen}${expected === undefined || expected === value ? "" : `; expected: ${expected}`}`;
}
