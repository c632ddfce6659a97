import { describe, expect, test } from "vitest";
import { ambiguityOf, dockerListMembers, ociMembers } from "./ambiguous-document.ts";

describe("a document of an image means one thing alone", () => {
  test.each([
    ["an index", '{"manifests":[{"digest":"a","platform":{"os":"linux","architecture":"amd64"}}]}'],
    ["labels that differ in case", '{"config":{"Labels":{"os":"a","OS":"b","os":"c","User":"x","user":"y"}}}'],
    ["annotations that are there twice", '{"annotations":{"digest":"a","digest":"b","Layers":"c"}}'],
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
  });

  test.each([
    ["layers twice", '{"layers":[],"layers":[1]}', 'it has "layers" twice, and programs differ in which one counts'],
    [
      "layers in two cases",
      '{"layers":[],"Layers":[1]}',
      'it has "layers" twice, and programs differ in which one counts',
    ],
    ["layers in another case alone", '{"LAYERS":[]}', 'it has "LAYERS", which programs take for "layers"'],
    [
      "letters that fold to those of ASCII",
      '{"layer\u017f":[]}',
      'it has "layer\u017f", which programs take for "layers"',
    ],
    [
      "an escaped name",
      '{"layers":[],"\\u006cayers":[1]}',
      'it has "layers" twice, and programs differ in which one counts',
    ],
    [
      "a platform in an index",
      '{"manifests":[{"platform":{"OS":"linux"}}]}',
      'it has "OS", which programs take for "os"',
    ],
    [
      "a digest of a layer",
      '{"layers":[{"digest":"a","digest":"b"}]}',
      'it has "digest" twice, and programs differ in which one counts',
    ],
    [
      "two users",
      '{"config":{"User":"1000","user":"root"}}',
      'it has "User" twice, and programs differ in which one counts',
    ],
    [
      "diff ids",
      '{"rootfs":{"diff_ids":[],"Diff_IDs":[1]}}',
      'it has "diff_ids" twice, and programs differ in which one counts',
    ],
  ])("and not with %s", (_, text, clause) => {
    JSON.parse(text);
    expect(ambiguityOf(text, ociMembers)).toBe(clause);
  });

  test("nor with a list of docker save that has a config twice", () => {
    const clause = 'it has "Config" twice, and programs differ in which one counts';
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
