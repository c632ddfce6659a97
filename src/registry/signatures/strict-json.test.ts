import { expect, test } from "vitest";
import { parseStrictJson } from "./strict-json.ts";

function parse(text: string): unknown {
  return parseStrictJson(Buffer.from(text));
}

test("an ordinary object is read", () => {
  const document = { a: [1, { b: null, c: "x,{}[]:\"'\\" }, []], "": {}, "\u00e9": [{ a: 1 }, { a: 2 }] };
  expect(parse(JSON.stringify(document, null, 2))).toEqual(document);
});

test.each([
  '{"a":1,"a":2}',
  '{"a":1,"b":{"x":[],"x":1}}',
  '{"a":[{"b":1},{"b":1,"c":[1,2],"b":2}]}',
  '{"a":1,"\\u0061":2}',
  '{"a\\"":1,"a\\"":2}',
  '{"__proto__":1,"__proto__":2}',
])("a name that an object has twice makes %s ambiguous", (text) => {
  expect(parse(text)).toBe("it has an object with a duplicate name");
});

test("names may come again in other objects, and as values", () => {
  expect(parse('{"a":{"a":["a","a",{"a":"a"}]},"b":{"a":1}}')).toEqual({
    a: { a: ["a", "a", { a: "a" }] },
    b: { a: 1 },
  });
});

test("what is not a JSON object in UTF-8 is refused", () => {
  for (const text of ["", "[]", "7", "null", '{"a":1', "{'a':1}", '\ufeff{"a":1}', '{"a":1}{"a":1}']) {
    expect(parse(text)).toMatch(/^it is not (?:a JSON object|valid JSON)$/);
  }
  expect(parseStrictJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe("it is not valid JSON");
});

test("depth and members have a limit", () => {
  expect(parse(`{"a":${"[".repeat(63)}${"]".repeat(63)}}`)).toBeTypeOf("object");
  expect(parse(`{"a":${"[".repeat(64)}${"]".repeat(64)}}`)).toContain("deeper");
  expect(parse(`{"a":${"[".repeat(500_000)}${"]".repeat(500_000)}}`)).toContain("deeper");
  expect(parse(`{"a":${"[".repeat(500_000)}`)).toContain("deeper");
  const members = Array.from({ length: 1_000_001 }, (_, index) => `"${index}":0`).join();
  expect(parse(`{${members}}`)).toContain("members");
});

test("elements of lists count as members do, quoted brackets and commas do not, and the caller may allow fewer", () => {
  const list = (count: number) => `{"a":[${Array.from({ length: count }, () => "{}").join()}]}`;
  expect(parse(list(400_000))).toBeTypeOf("object");
  expect(parse(list(600_000))).toContain("members");
  expect(parse(`{"a":"${'[,{\\"'.repeat(2_000_000)}"}`)).toBeTypeOf("object");
  const few = (text: string) => parseStrictJson(Buffer.from(text), { mostMembers: 5 });
  expect(few('{"a":1,"b":{"c":1,"d":1}}')).toBeTypeOf("object");
  expect(few('{"a":1,"b":{"c":1,"d":[1,1]}}')).toBe("it has more than 5 members");
});
