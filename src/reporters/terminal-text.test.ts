import { describe, expect, test } from "vitest";
import { clip, clipStart, displayWidth, printable, renderLine, wrap } from "./terminal-text.ts";

describe("printable", () => {
  test.each([
    ["\u001b[31mred", "\\x1b[31mred"],
    ["a\r\nb\tc", "a\\x0d\\nb c"],
    ["\u009b2J", "\\x9b2J"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["a\u200bb\u00adc", "a\\u{200b}b\\xadc"],
    ["\u2028", "\\u{2028}"],
    ["\ud800x", "\\u{d800}x"],
    ["\u{e0041}", "\\u{e0041}"],
    ["naïve 漢字 é", "naïve 漢字 é"],
  ])("writes %j as %j", (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  test("stacks no more than three marks on a letter and keeps no endless text", () => {
    expect(printable(`a${"\u0301".repeat(1000)}`)).toBe(`a${"\u0301".repeat(3)}`);
    expect(printable("x".repeat(1_000_000)).length).toBe(2001);
  });
});

describe("widths", () => {
  test.each([
    ["abc", 3],
    ["漢字", 4],
    ["e\u0301", 1],
    ["한국어", 6],
    ["ｆｕｌｌ", 8],
    ["🚢", 2],
    ["…→·", 3],
  ])("%s takes %i columns", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  test("clip and clipStart keep what fits and mark what is missing", () => {
    expect(clip("abcdef", 6)).toBe("abcdef");
    expect(clip("abcdef", 4)).toBe("abc…");
    expect(clip("漢字漢字", 4)).toBe("漢…");
    expect(clipStart("abcdef", 6)).toBe("abcdef");
    expect(clipStart("abcdef", 4)).toBe("…def");
    expect(clipStart("漢字漢字", 4)).toBe("…字");
    expect(clip("abc", 0) + clipStart("abc", 0)).toBe("");
  });

  test("wrap breaks between words, and inside one only when it is too long", () => {
    expect(wrap("the quick  brown fox", 9)).toEqual(["the quick", "brown fox"]);
    expect(wrap("a abcdefgh b", 4)).toEqual(["a", "abcd", "efgh", "b"]);
    expect(wrap("", 4)).toEqual([]);
  });
});

describe("renderLine", () => {
  const line = [
    { text: "fix ", style: "bold-green" },
    { text: "漢字漢字", style: "plain" },
  ] as const;

  test("cuts the whole line at the width", () => {
    expect(renderLine(line, { width: 80, colour: false })).toBe("fix 漢字漢字\n");
    expect(renderLine(line, { width: 9, colour: false })).toBe("fix 漢字…\n");
  });

  test("writes escapes only when colour is allowed, and then closes them", () => {
    expect(renderLine(line, { width: 80, colour: false })).not.toContain("\u001b");
    const coloured = renderLine(line, { width: 80, colour: true });
    expect(coloured).toMatch(/^\u001b\[/);
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe("fix 漢字漢字\n");
  });
});
