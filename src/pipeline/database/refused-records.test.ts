import { expect, test } from "vitest";
import type { DatabasePart } from "../../model/findings/advisory.ts";
import { hasRefused, refusedText, remarksOnRefused } from "./refused-records.ts";

const part = (name: string, refused?: number): DatabasePart => ({
  ...{ feed: "osv", revision: 1, name, items: 10, updatedAt: "2026-01-01T00:00:00Z" },
  ...(refused !== undefined && { refused }),
});
const isAbout = ({ name }: Pick<DatabasePart, "feed" | "name">, ecosystem: string): boolean =>
  name.startsWith(ecosystem);

test("records that could not be read are remarked on where the target needs their ecosystem", () => {
  const parts = [part("npm"), part("PyPI", 2), part("PyPI-old", 1), part("Go", 1)];
  expect(hasRefused(parts)).toBe(true);
  expect(remarksOnRefused(parts, { ecosystems: ["PyPI", "npm"], isAbout })).toEqual([
    "3 records about PyPI could not be read completely; `plimsoll db update` shows why",
  ]);
  expect(remarksOnRefused(parts, { ecosystems: ["Go"], isAbout })).toEqual([
    "one record about Go could not be read completely; `plimsoll db update` shows why",
  ]);
});

test("without any there is no remark", () => {
  expect(hasRefused([part("npm")])).toBe(false);
  expect(remarksOnRefused([part("npm")], { ecosystems: ["npm"], isAbout })).toEqual([]);
});

test("how many records could not be read is told with the reason of the first", () => {
  const problems = ["a is not a record", "b is none"].map((message) => ({ code: "unreadable", message }) as const);
  expect(refusedText(1, problems)).toBe("one record could not be read: a is not a record");
  expect(refusedText(2, problems)).toBe("2 records could not be read, the first: a is not a record");
});
