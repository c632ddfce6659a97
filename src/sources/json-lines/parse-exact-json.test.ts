import { expect, test } from "vitest";
import { parseExactJson } from "./parse-exact-json.ts";

test("integers above 2^53 keep all digits, others are numbers", () => {
  expect(parseExactJson('{"a":1507591916746609046,"b":[9007199254740991,9007199254740993,-9007199254740993]}')).toEqual(
    {
      a: 1507591916746609046n,
      b: [9007199254740991, 9007199254740993n, -9007199254740993n],
    },
  );
  expect(parseExactJson('{"a":"1507591916746609046","b":1507591916746609046.5,"c":12345678901234567890e3}')).toEqual({
    a: "1507591916746609046",
    b: Number("1507591916746609046.5"),
    c: Number("12345678901234567890e3"),
  });
});

test("what is not JSON is undefined", () => {
  for (const text of ["", "{", "undefined", "{'a':1}", "1507591916746609046]"])
    expect(parseExactJson(text)).toBeUndefined();
});

test("a member called __proto__ is one like others", () => {
  const value = parseExactJson('{"__proto__":{"a":9007199254740993}}');
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  expect((value as { a?: unknown }).a).toBeUndefined();
});
