import fastCheck from "fast-check";
import { expect, test } from "vitest";
import { readCsv } from "./read-csv.ts";

function records(text: string): string[][] {
  return [...readCsv(text)];
}

test("fields are parted by commas and records by lines of either kind", () => {
  expect(records("a,b\r\nc,\n,d\n\nlast")).toEqual([["a", "b"], ["c", ""], ["", "d"], ["last"]]);
  expect(records("a,")).toEqual([["a", ""]]);
  expect(records("")).toEqual([]);
});

test("a field in quotes holds commas, line breaks and doubled quotes", () => {
  expect(records('"a,b","c\nd","say ""yes""",""\r\n"x"')).toEqual([["a,b", "c\nd", 'say "yes"', ""], ["x"]]);
});

test("what is against the rules is taken leniently", () => {
  expect(records('a"b,"c"d,"open\n,')).toEqual([['a"b', "cd", "open\n,"]]);
});

test("what is written by the rules is read as it was", () => {
  const field = fastCheck.string({ unit: fastCheck.constantFrom("a", ",", '"', "\n", "\r", " ") });
  const table = fastCheck.array(fastCheck.array(field, { minLength: 2, maxLength: 4 }));
  fastCheck.assert(
    fastCheck.property(table, (rows) => {
      const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(",")).join("\r\n");
      expect(records(text)).toEqual(rows);
    }),
  );
});
