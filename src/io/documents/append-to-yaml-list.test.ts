import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { appendToYamlList } from "./append-to-yaml-list.ts";

const item = { id: "b", reason: "because: it is" };
const written = '- id: b\n  reason: "because: it is"\n';
const indented = '  - id: b\n    reason: "because: it is"\n';

test.each([
  ["", `list:\n${indented}`],
  ["# only a comment\n", `# only a comment\nlist:\n${indented}`],
  ["failOn: high # at last", `failOn: high # at last\nlist:\n${indented}`],
  ["list:\n- id: a\n", `list:\n- id: a\n${written}`],
  ["list:\n  # first\n  - id: a # really\n\n# then\nfailOn: high\n", undefined],
  ["list:\n  - id: a", `list:\n  - id: a\n${indented}`],
])("%j", (text, expected) => {
  const after = appendToYamlList(text, "list", [item]);
  if (expected !== undefined) expect(after).toBe(expected);
  for (const comment of text.match(/#.*/g) ?? []) expect(after).toContain(comment);
  expect(parse(after).list.at(-1)).toEqual(item);
});

test.each(["list: []\n", "list:\n", "{failOn: high}", "list: [{id: a}] # c\n", "---\na: 1\n...\n", "list: &a\n- x\n"])(
  "%j keeps its values",
  (text) => {
    const before = parse(text) as { list?: unknown[] };
    const expected = { ...before, list: [...(before.list ?? []), item] };
    expect(parse(appendToYamlList(text, "list", [item]))).toEqual(expected);
  },
);

test("texts of any kind come back", () => {
  const value = fc.record({ id: fc.string(), reason: fc.string(), path: fc.array(fc.string()) });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (items) => {
      const once = appendToYamlList("failOn: high\n", "list", items);
      expect(parse(appendToYamlList(once, "list", items))).toEqual({ failOn: "high", list: [...items, ...items] });
    }),
  );
});
