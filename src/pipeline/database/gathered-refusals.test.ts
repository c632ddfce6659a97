import { expect, test } from "vitest";
import { readRefusals, refusalsText } from "../../advisories/database/part-refusals.ts";
import { GatheredRefusals } from "./gathered-refusals.ts";

const problem = { code: "unreadable", message: "something was lost" } as const;
const inPart = (id: string) => ({ kind: "unreadable", id, again: "changed" }) as const;
const idOf = (index: number): string => `A-${String(index).padStart(5, "0")}`;

test("records that were read in part do not count among those that are asked for again", () => {
  const gathered = new GatheredRefusals(undefined);
  gathered.note(problem);
  for (let index = 0; index < 2000; index++) gathered.add(inPart(idOf(index)));
  gathered.add({ kind: "unreadable", id: "B" });
  gathered.add({ kind: "unreadable", id: "C", again: false });
  expect(gathered.refusals()).toMatchObject({ count: 1, ids: ["B"], inPart: { length: 2000 } });
});

test("what was read in part is told until it comes again, whole or not, or goes", () => {
  const gathered = new GatheredRefusals({ count: 5, first: "", ids: [], inPart: ["A", "B", "C", "D", "E"] });
  gathered.add({ kind: "advisory", advisory: { id: "A", modified: "2024-01-01T00:00:00Z" } });
  gathered.add({ kind: "removed", id: "B" });
  gathered.add({ kind: "unreadable", id: "C" });
  gathered.add({ kind: "unreadable", id: "D", again: false });
  const message = "records that are still only partly read: 2, the first is D";
  expect(gathered.leftFromBefore()).toEqual({ problem: { code: "unreadable", message }, count: 2 });
  expect(gathered.refusals()).toEqual({ count: 2, first: message, ids: ["C"], inPart: ["D", "E"] });
});

test("of more records than are remembered by id the number is kept, in the database and from update to update", () => {
  const first = new GatheredRefusals(undefined);
  for (let index = 0; index < 10_003; index++) {
    first.note(problem);
    first.add(inPart(idOf(index)));
  }
  const kept = first.refusals();
  expect(kept).toMatchObject({ count: 10_003, inPart: { length: 10_000 }, unnamed: 3 });
  expect(readRefusals(refusalsText(kept))).toEqual(kept);
  const next = new GatheredRefusals(kept);
  next.note(problem);
  next.add(inPart("Z"));
  expect(next.leftFromBefore()?.count).toBe(10_003);
  expect(next.refusals()).toMatchObject({ count: 10_004, inPart: { length: 10_000 }, unnamed: 4 });
});
