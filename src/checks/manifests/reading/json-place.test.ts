import { expect, test } from "vitest";
import { type JsonPlace, jsonRoot } from "./json-place.ts";
import { readYaml } from "./read-yaml.ts";
import type { YamlPlace } from "./yaml-place.ts";

function placeAt(text: string, ...path: (string | number)[]): JsonPlace | undefined {
  return path.reduce<JsonPlace | undefined>((place, part) => place?.children.get(part), jsonRoot(text));
}

/** `path offset` of a place and of all in it. */
function listed(place: YamlPlace, path = "$"): string[] {
  const within = [...(place.children ?? [])].flatMap(([key, one]) => listed(one, `${path}/${JSON.stringify(key)}`));
  return [`${path} ${place.offset}`, ...within].sort();
}

function yamlPlaces(text: string): YamlPlace {
  const root: YamlPlace = { offset: jsonRoot(text).offset };
  expect(readYaml(text, { root })).toHaveProperty("value");
  return root;
}

test.each([
  '{"a": 1, "b": [1, {"c": null}, [], {}], "d": {"e": "f"}}',
  '  {\n "a" : [\n  true , false,\n\t-1.5e3 ] }\n',
  '{"with \\"quotes\\"": {"and \\\\": ["}", "]", ",", "{", "\\\\"]}, "\\u0061b": {"x": 1}}',
  '{"": {"": 0}, "__proto__": {"a": 1}, "1": [2]}',
  '[{"kind": "Pod"}, "text", 3]',
  "{}",
  "[]",
  '"text"',
])("places of %j are those of the same text as YAML", (text) => {
  expect(listed(jsonRoot(text))).toEqual(listed(yamlPlaces(text)));
});

test("of a key that is there twice, the last one counts", () => {
  const text = '{"a": {"b": 1},\n"a": {"c": 2}}';
  expect(JSON.parse(text)).toEqual({ a: { c: 2 } });
  expect(placeAt(text, "a")?.offset).toBe(16);
  expect([...(placeAt(text, "a")?.children.keys() ?? [])]).toEqual(["c"]);
});

test("a key written with escapes is found by what it stands for", () => {
  expect(placeAt('{"\\u0061\\n": {"b": 1}}', "a\n", "b")?.offset).toBe(14);
});

test("text nested a million deep and strings of a million slashes are skipped in no time", () => {
  const deep = `{"a": ${"[".repeat(1e6)}${"]".repeat(1e6)}, "b": "${"\\\\".repeat(5e5)}", "c": 1}`;
  expect(placeAt(deep, "c")?.offset).toBe(deep.length - 7);
});

test.each(['{"a": [1', '{"a"', '{"a": }', "[,,,]", '{"a": "b', "]", "{]}", '{"a": 1]', ""])(
  "a text that is no JSON, %j, has places nevertheless, or none",
  (text) => {
    expect(listed(jsonRoot(text)).length).toBeLessThan(10);
  },
);
