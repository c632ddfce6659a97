import { describe, expect, test, vi } from "vitest";
import { ambiguityOf, configMembers, dockerListMembers, ociMembers } from "./ambiguous-document.ts";

describe("a document of an image means one thing alone", () => {
  test.each([
    ["an index", '{"manifests":[{"digest":"a","platform":{"os":"linux","architecture":"amd64"}}]}'],
    ["labels that differ in case", '{"config":{"Labels":{"os":"a","OS":"b","os":"c","User":"x","user":"y"}}}'],
    ["annotations that are there twice", '{"annotations":{"digest":"a","digest":"b","Layers":"c"}}'],
    ["names of another level", '{"layers":[{"OS":1,"Layers":2,"layers":3}],"Digest":1,"digest":2,"User":3,"user":4}'],
    ["a list in a list", '{"layers":[[{"digest":1,"digest":2}]]}'],
    ["what somebody else wrote into it", '{"custom":{"layers":[],"Layers":[]},"layers":[]}'],
    ["the config of a container in small letters", '{"config":{"cmd":["sh"],"user":"1000"}}'],
    ["the size that an old image gives", '{"Size":5,"config":{}}'],
    ["members that nobody reads, twice", '{"a":1,"a":2,"layers":[]}'],
    ["names as values", '{"config":{"User":"Layers"},"layers":["layers","Layers"]}'],
    ["a list", " [1, [2, {}], null]"],
    ["a text", '"layers"'],
    ["a number", "1"],
  ])("as %s does", (_, text) => {
    JSON.parse(text);
    expect(ambiguityOf(text, ociMembers)).toBeUndefined();
    expect(ambiguityOf(text, configMembers)).toBeUndefined();
  });

  test.each([
    ["names of an index in its settings", '{"config":{"Env":[],"Architecture":"amd64","Digest":"a","digest":"b"}}'],
    ["names of its settings in its history", '{"history":[{"User":1,"user":2}]}'],
    ["names of its top in its list of digests", '{"rootfs":{"OS":1,"os":2},"Layers":[],"layers":[]}'],
  ])("as a config with %s does", (_, text) => {
    expect(ambiguityOf(text, configMembers)).toBeUndefined();
  });

  test.each([
    [
      "layers twice",
      '{"layers":[],"layers":[1]}',
      'it has the key "layers" twice, and programs differ in which value they use',
    ],
    [
      "layers in two cases",
      '{"layers":[],"Layers":[1]}',
      'it has the key "layers" twice, and programs differ in which value they use',
    ],
    ["layers in another case alone", '{"LAYERS":[]}', 'it has the key "LAYERS", which some programs read as "layers"'],
    [
      "letters that fold to those of ASCII",
      '{"layer\u017f":[]}',
      'it has the key "layer\u017f", which some programs read as "layers"',
    ],
    [
      "an escaped name",
      '{"layers":[],"\\u006cayers":[1]}',
      'it has the key "layers" twice, and programs differ in which value they use',
    ],
    [
      "a platform in an index",
      '{"manifests":[{"platform":{"OS":"linux"}}]}',
      'it has the key "OS", which some programs read as "os"',
    ],
    [
      "a digest of a layer",
      '{"layers":[{"digest":"a","digest":"b"}]}',
      'it has the key "digest" twice, and programs differ in which value they use',
    ],
    [
      "an escaped name of escaped letters alone",
      '{"\\u0064igest":1,"manifests":[{"\\u0064\\u0069\\u0067\\u0065\\u0073\\u0074":1,"digest":2}]}',
      'it has the key "digest" twice, and programs differ in which value they use',
    ],
    [
      "a digest behind what is nested and escaped",
      '{"annotations":{"a\\"}":[{"]":"\\\\"}]} , "layers" : [ 1 , { "digest" : "a" , "digest" : "b" } ] }',
      'it has the key "digest" twice, and programs differ in which value they use',
    ],
  ])("and not with %s", (_, text, clause) => {
    JSON.parse(text);
    expect(ambiguityOf(text, ociMembers)).toBe(clause);
  });

  test.each([
    [
      "two users",
      '{"config":{"User":"1000","user":"root"}}',
      'it has the key "User" twice, and programs differ in which value they use',
    ],
    [
      "diff ids",
      '{"rootfs":{"diff_ids":[],"Diff_IDs":[1]}}',
      'it has the key "diff_ids" twice, and programs differ in which value they use',
    ],
    [
      "two instructions for one layer",
      '{"history":[{},{"empty_layer":true,"EMPTY_layer":false}]}',
      'it has the key "empty_layer" twice, and programs differ in which value they use',
    ],
    ["a system in another case", '{"OS":"linux"}', 'it has the key "OS", which some programs read as "os"'],
  ])("and not as a config with %s", (_, text, clause) => {
    JSON.parse(text);
    expect(ambiguityOf(text, configMembers)).toBe(clause);
  });

  test("nor with a list of docker save that has a config twice", () => {
    const clause = 'it has the key "Config" twice, and programs differ in which value they use';
    expect(ambiguityOf('[{"Config":"a","Layers":[],"config":"b"}]', dockerListMembers)).toBe(clause);
    expect(ambiguityOf('[{"Config":"a","Layers":[],"LayerSources":{"Config":{}}}]', dockerListMembers)).toBeUndefined();
  });
});

test("a document that is nested very deep is read in time, and without running out of stack", () => {
  const depth = 200_000;
  const deep = `{"config":[`.repeat(depth) + "]}".repeat(depth);
  const started = performance.now();
  expect(ambiguityOf(`{"layers":${deep},"Layers":[]}`, ociMembers)).toContain("twice");
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("what is nested is gone over once", () => {
  const strings = JSON.stringify(Array.from({ length: 1_000 }, () => "text"));
  const text = `{"manifests":[{"platform":{"custom":${strings}}}],"layers":[[[[[[${strings}]]]]]]}`;
  const search = vi.spyOn(String.prototype, "indexOf");
  expect(ambiguityOf(text, ociMembers)).toBeUndefined();
  const searches = search.mock.contexts.filter((context) => String(context) === text).length;
  search.mockRestore();
  expect(searches).toBeGreaterThanOrEqual(2_000);
  expect(searches).toBeLessThan(2_100);
});
