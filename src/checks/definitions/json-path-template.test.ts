import { describe, expect, test } from "vitest";
import { evaluateJsonPath } from "./json-path-template.ts";

const document = {
  kind: "List",
  items: [
    { kind: "None", metadata: { name: "127.0.0.1", "a.b": 1 }, status: { ready: true } },
    { kind: "Node", metadata: { name: "n2" }, list: ["x", "y", "z"], empty: null },
  ],
};

describe("templates of Kubernetes", () => {
  const cases: readonly (readonly [template: string, text: string])[] = [
    ["kind is {.kind}", "kind is List"],
    ["{$.kind}{@.kind}", "ListList"],
    ["{.items[*].metadata.name}", "127.0.0.1 n2"],
    ["{.items[0].metadata.a\\.b}", "1"],
    ["{.items[0].metadata['name']}", "127.0.0.1"],
    ["{.items[-1].list[0:2]}", "x y"],
    ["{.items[1].list[::2]}", "x z"],
    ["{.items[1].list[0,2]}", "x z"],
    ["{range .items[*]}[{.metadata.name}, {.status.ready}] {end}", "[127.0.0.1, true] [n2, ] "],
    ["{range .items[1].list[:]}{}{','}{end}", "x,y,z,"],
    ["{range .missing[:]}{}{','}{end}", ""],
    ['{.items[?(@.kind=="Node")].metadata.name}', "n2"],
    ["{.items[?(@.status.ready)].kind}", "None"],
    ["{..name}", "127.0.0.1 n2"],
    ["{.items[0].status}", '{"ready":true}'],
    ["{.items[1].empty}", "null"],
    ["{.no.such[*].thing}", ""],
    ['{"\\n"}', "\n"],
  ];
  for (const [template, text] of cases) {
    test(template, () => expect(evaluateJsonPath(template, document)).toEqual({ text }));
  }
});

test("what is no template, or does not fit the document, is an error", () => {
  for (const template of ["{.a", "{.items[}", "{end}", "{.items[x]}", "{.kind[0]}", "{.items[9]}", "{'a}", "{bad}"]) {
    expect(evaluateJsonPath(template, document)).toHaveProperty("error");
  }
});

test("templates that multiply or nest without end are errors", () => {
  const wide = { a: Array.from({ length: 1000 }, () => ({ a: Array(1000).fill(1) })) };
  expect(evaluateJsonPath("{..a[*]}{..a[*]}", wide)).toEqual({ error: expect.stringContaining("more than") });
  expect(evaluateJsonPath(`${"{range .a}".repeat(100)}`, wide)).toHaveProperty("error");
  expect(evaluateJsonPath(`{.a[?(${"@.a[?(".repeat(50)}`, wide)).toHaveProperty("error");
  let deep: object = {};
  for (let depth = 0; depth < 50_000; depth++) deep = { a: deep };
  expect(evaluateJsonPath("{..b}", deep)).toEqual({ text: "" });
  expect(evaluateJsonPath("{.a}", deep)).toEqual({ error: "the value is nested too deeply to be printed" });
});
