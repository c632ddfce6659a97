import { afterEach, expect, test, vi } from "vitest";
import { noteText, writeError, writeJson } from "./output.ts";

function written(stream: "stdout" | "stderr", act: () => void): string {
  const pieces: string[] = [];
  vi.spyOn(process[stream], "write").mockImplementation((piece) => {
    pieces.push(String(piece));
    return true;
  });
  act();
  return pieces.join("");
}

afterEach(() => vi.restoreAllMocks());

test("what is said is one line that steers no terminal, and hides passwords before it is cut", () => {
  expect(
    written("stderr", () => writeError("a\u001b[31m\nb\u202e", { code: "usage", hint: "Do this,\nor \u009bthat." })),
  ).toBe("error: a\\x1b[31m\\nb\\u{202e} [usage]\n       Do this,\nor \\x9bthat.\n");
  expect(noteText("a\r\u001b[2Kb", "Do this,\n      or that.")).toBe(
    "note: a\\x0d\\x1b[2Kb\n      Do this,\n      or that.\n",
  );
  expect(noteText(`${"a".repeat(1990)} ada:marker${"-".repeat(50)}@host/x`)).not.toContain("marker");
});

test("the code stands behind the first line of an error", () => {
  expect(written("stderr", () => writeError(["the rules cannot be used", "line 2"], { code: "rules-malformed" }))).toBe(
    "error: the rules cannot be used [rules-malformed]\nline 2\n",
  );
});

test("the code stands before the colon that leads to a list", () => {
  expect(written("stderr", () => writeError(["a.yaml cannot be used:", "  line 2"], { code: "rules-malformed" }))).toBe(
    "error: a.yaml cannot be used [rules-malformed]:\n  line 2\n",
  );
});

test("what has lines of its own keeps them", () => {
  expect(noteText(["the rules cannot be used", "line \u001b2"])).toBe("note: the rules cannot be used\nline \\x1b2\n");
});

test("of a long line the reason at its end stays", () => {
  const path = "p/".repeat(2048);
  expect(noteText(`${path} cannot be written: no room`)).toBe(`note: ${path} cannot be written: no room\n`);
  const long = noteText(`${path.repeat(100)} cannot be written: no room`);
  expect(long).toMatch(/^note: p\/p\/.*….*p\/ cannot be written: no room\n$/);
  expect(long.length).toBeLessThan(11_000);
});

test("JSON steers no terminal either, and is read as it was", () => {
  const value = { name: "a\u001b\u009b\u202eb", count: 2n };
  const text = written("stdout", () => writeJson(value));
  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  expect(JSON.parse(text)).toEqual({ ...value, count: "2" });
  expect(written("stdout", () => writeJson({ a: [1] }, "line"))).toBe('{"a":[1]}\n');
});
