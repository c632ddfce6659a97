import { expect, test } from "vitest";
import { changesSince, type RecordState, recordStates } from "./record-states.ts";

const records: RecordState[] = [
  { id: "A-1", modified: "2024-01-01T00:00:00Z" },
  { id: "A-2", modified: "2024-01-01T00:00:00.5Z" },
  { id: "A-3", modified: "2024-01-03T00:00:00.123456Z" },
];

test("states do not depend on the order or on zeros at the end of a fraction", () => {
  const rewritten = records.map(({ id, modified }) => ({ id, modified: modified.replace(".5Z", ".500Z") })).reverse();
  expect(recordStates(rewritten)).toBe(recordStates(records));
  expect(changesSince(recordStates(records), rewritten)).toEqual({ changed: [], gone: 0 });
  const whole = [{ id: "A-1", modified: "2024-01-01T00:00:00.000Z" }];
  expect(recordStates(whole)).toBe(recordStates(records.slice(0, 1)));
});

test("new, changed and missing records are told apart, whatever their times", () => {
  const later = [
    { id: "A-0", modified: "1999-01-01T00:00:00Z" },
    { id: "A-1", modified: "2023-01-01T00:00:00Z" },
    ...records.slice(2),
  ];
  expect(changesSince(recordStates(records), later)).toEqual({ changed: ["A-0", "A-1"], gone: 1 });
});

test("a text that is no states is said to be none", () => {
  for (const text of ["", "!", "AAAA"]) expect(changesSince(text, records)).toBeUndefined();
});
