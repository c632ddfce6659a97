import { expect, test } from "vitest";
import { codeExplanation, codeSections } from "../../src/reporters/error-page.ts";
import { headings, read } from "../setup/documents.ts";
import { startPlimsoll } from "./run-plimsoll.ts";

const plimsoll = startPlimsoll();
const page = read("docs/errors.md");
const sections = codeSections(page);

test("the sections are those of docs/errors.md", () => {
  expect(sections.map(({ code }) => code)).toEqual(headings(page, 3));
  expect(sections.length).toBeGreaterThan(35);
  for (const { code, text } of sections) expect(page).toContain(`### ${code}\n\n${text}\n`);
});

test("the explanation of every code has the words of the page", () => {
  const words = (text: string): string =>
    text
      .replace(/\]\([^)]*\)|\(docs\/[^)]*\)|^```\w*$/gm, "")
      .replace(/[[\]*_]/g, "")
      .replace(/\s+/g, "");
  for (const [code, found] of Map.groupBy(sections, (section) => section.code)) {
    const explained = [...codeExplanation(found, { width: 100, colour: false })].join("");
    expect(words(explained)).toBe(words(found.map(({ kind, text }) => `${code} (${kind}) ${text}`).join(" ")));
    expect(explained.split("\n").filter((line) => line.length > 100)).toEqual([]);
  }
});

test.each(["registry-refused", "limit-exceeded"])("explain-error %s prints the explanation", async (code) => {
  const found = sections.filter((section) => section.code === code);
  const stdout = [...codeExplanation(found, { width: 100, colour: false })].join("");
  expect(await plimsoll(["explain-error", code])).toEqual({ code: 0, signal: null, stdout, stderr: "" });
});

test("explain-error takes a code as an error message shows it, and lists all codes without one", async () => {
  const failed = await plimsoll(["scan", "./nothing.tar"]);
  const shown = /\[[a-z-]+\]$/m.exec(failed.stderr)?.[0] ?? "";
  expect(shown).toBe("[target-not-found]");
  expect((await plimsoll(["explain-error", shown])).stdout).toMatch(/^target-not-found \(error\)\n\n/);
  const { stdout } = await plimsoll(["explain-error"]);
  for (const { code } of sections) expect(stdout).toContain(`  ${code}\n`);
});

test.each([
  ["registry-refusd", "Did you mean registry-refused? "],
  ["registry", "Did you mean registry-failed, registry-refused, registry-unreachable? "],
  ["E404", ""],
])("the unknown code %s is one error with the codes that are near", async (code, meant) => {
  expect(await plimsoll(["explain-error", code])).toEqual({
    code: 2,
    signal: null,
    stdout: "",
    stderr: `error: unknown error code "${code}" [usage]\n       ${meant}plimsoll explain-error lists all codes.\n`,
  });
});
