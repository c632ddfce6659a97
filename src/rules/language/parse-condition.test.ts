import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConditionError } from "./condition.ts";
import { parseCondition } from "./parse-condition.ts";
import { printCondition } from "./print-condition.ts";

describe("a condition", () => {
  test("joins with and before or, and not binds most", () => {
    const printed = printCondition(parseCondition("a or b and not c or not (d or e)"));
    expect(printed).toBe("(a or (b and not c) or not (d or e))");
  });

  test("in other letters than those of ASCII keeps its bytes, and counts them", () => {
    const condition = parseCondition('proc.name = "é" and\nx');
    expect(condition).toMatchObject({
      kind: "and",
      operands: [
        { right: { kind: "value", text: "\xc3\xa9" } },
        { kind: "macro", name: "x", place: { index: 21, line: 2, column: 1 } },
      ],
    });
    expect(printCondition(condition)).toBe("(proc.name = é and x)");
  });

  test("prints bytes that are not text as escapes", () => {
    const printed = printCondition(parseCondition('proc.name = "a\\xff"'));
    expect(printed).toBe('proc.name = "a\\xff"');
    expect(parseCondition(printed)).toMatchObject({ right: { text: "a\xff" } });
  });

  test("is read to the depth that is asked for", () => {
    const nested = `${"(".repeat(150)}a${")".repeat(150)}`;
    expect(() => parseCondition(nested)).toThrow("exceeded max depth limit of 100");
    expect(parseCondition(nested, { maxDepth: 1000 })).toMatchObject({ kind: "macro" });
  });

  test("takes a word like oneof for a value where no list follows it", () => {
    expect(parseCondition("proc.name = oneof")).toMatchObject({ right: { kind: "value", text: "oneof" } });
    expect(parseCondition("proc.name = oneof and x")).toMatchObject({ kind: "and" });
    expect(parseCondition("proc.name = oneof (a)")).toMatchObject({ modifier: "oneof" });
  });
});

describe("hostile text", () => {
  const pieces = [
    ...[
      "(",
      ")",
      "not ",
      "and ",
      "or ",
      "in ",
      "= ",
      "proc.name",
      "[",
      "]",
      '"',
      "'",
      "\\",
      "\\x",
      "a",
      "0x1",
      " ",
      ",",
    ],
    ...["join(", "val(", "exists", "oneof ", "pmatch", "\n", "\0", "é", "\ud800"],
  ];

  test("gives a tree that prints, or an error with its place", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), fc.boolean(), (parts, isOld) => {
        try {
          printCondition(parseCondition(parts.join(""), { generation: isOld ? "0.40" : "head" }));
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError);
          expect((error as ConditionError).place).toBeDefined();
        }
      }),
      { numRuns: 3000, seed: 5 },
    );
  });

  test("of a megabyte is refused or read at once", () => {
    const repeated = ["(", "not ", "a or ", "'", "proc.name[", "join(", "toupper(", "x.y in (a,", '"\\'].map((piece) =>
      piece.repeat(1_000_000 / piece.length),
    );
    for (const text of repeated) expect(() => parseCondition(text, { maxDepth: 1000 })).toThrow(ConditionError);
  });
});
