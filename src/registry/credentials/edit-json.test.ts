import fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonObject } from "../../model/objects/json-object.ts";
import { removeJsonMember, setJsonMember } from "./edit-json.ts";

const set = (text: string, path: string[], value: unknown = 1) => setJsonMember(text, { path, value });

test("a member is added as its neighbours are written, and all else stays", () => {
  const text = '{\n\t"auths": {\n\t\t"a": {"auth": "x"}\n\t},\n\t"n":  1.0000000000000000001\n}\n';
  expect(set(text, ["auths", "b"], { auth: "y" })).toBe(
    '{\n\t"auths": {\n\t\t"a": {"auth": "x"},\n\t\t"b": {\n\t\t\t"auth": "y"\n\t\t}\n\t},\n\t"n":  1.0000000000000000001\n}\n',
  );
});

test("a document on one line stays on one line", () => {
  expect(set('{"auths":{"a":{}},"x":[1, 2]}', ["auths", "b"], {})).toBe('{"auths":{"a":{}, "b": {}},"x":[1, 2]}');
  expect(set('{"auths":{}}', ["auths", "b"], {})).toBe('{"auths":{"b": {}}}');
});

test("objects on the way are made, in a new document with tabs", () => {
  expect(set("{}\n", ["auths", "b"], {})).toBe('{\n\t"auths": {\n\t\t"b": {}\n\t}\n}\n');
  expect(set('{\n  "x": 1\n}', ["auths", "b"], {})).toBe('{\n  "x": 1,\n  "auths": {\n    "b": {}\n  }\n}');
  expect(set('{\n  "auths": {}\n}', ["auths", "b"], 1)).toBe('{\n  "auths": {\n    "b": 1\n  }\n}');
  expect(set('{\n  "auths": null\n}', ["auths", "b"], 1)).toBe('{\n  "auths": {\n    "b": 1\n  }\n}');
});

test("what was there is replaced in its place", () => {
  expect(set('{"a": {"x": [{"y": "}"}], "z": 2}}', ["a", "x"], "n")).toBe('{"a": {"x": "n", "z": 2}}');
  expect(set('{"a": 1, "a": 2 }', ["a"], 3)).toBe('{"a": 1, "a": 3 }');
});

test("a member goes with its comma and nothing more", () => {
  const text = '{\n  "a": 1,\n  "b": {"c": 2},\n  "d": 3\n}';
  expect(removeJsonMember(text, ["a"])).toBe('{\n  "b": {"c": 2},\n  "d": 3\n}');
  expect(removeJsonMember(text, ["b"])).toBe('{\n  "a": 1,\n  "d": 3\n}');
  expect(removeJsonMember(text, ["d"])).toBe('{\n  "a": 1,\n  "b": {"c": 2}\n}');
  expect(removeJsonMember(text, ["b", "c"])).toBe('{\n  "a": 1,\n  "b": {},\n  "d": 3\n}');
  expect(removeJsonMember('{"a": 1, "b": 2, "a": 3}', ["a"])).toBe('{"b": 2}');
});

test("what is not there changes nothing", () => {
  for (const path of [["x"], ["a", "x"], ["b", "x", "y"]])
    expect(removeJsonMember('{"a": 1, "b": {}}', path)).toBe('{"a": 1, "b": {}}');
});

test("after any change the document says the same but for the change", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 });
  const indent = fc.constantFrom(undefined, "\t", 2, 4);
  fc.assert(
    fc.property(
      object,
      fc.string(),
      fc.string(),
      fc.jsonValue({ maxDepth: 2 }),
      indent,
      (document, outer, inner, value, space) => {
        const text = JSON.stringify(document, null, space);
        const before: unknown = JSON.parse(text);
        if (!isJsonObject(before)) throw new Error(text);
        const nested = Object.hasOwn(before, outer) && isJsonObject(before[outer]) ? before[outer] : {};
        const wanted = Object.fromEntries([
          ...Object.entries(before).filter(([name]) => name !== outer),
          [outer, Object.fromEntries([...Object.entries(nested).filter(([name]) => name !== inner), [inner, value]])],
        ]);
        const changed = setJsonMember(text, { path: [outer, inner], value });
        expect(JSON.parse(changed)).toEqual(JSON.parse(JSON.stringify(wanted)));
        if (!Object.hasOwn(before, outer)) expect(JSON.parse(removeJsonMember(changed, [outer]))).toEqual(before);
        if (Object.hasOwn(before, outer)) {
          expect(JSON.parse(removeJsonMember(text, [outer]))).toEqual(
            Object.fromEntries(Object.entries(before).filter(([name]) => name !== outer)),
          );
        }
      },
    ),
  );
});
