import { expect, test } from "vitest";
import { codeExplanation, codeList, codeSections } from "./error-page.ts";

const page = `# Errors and problems

Intro with \`code\`.

## Errors

### first-code

One paragraph about \`plimsoll scan NAME\` and _one_ word; see
[Registries](registries/README.md#mirrors), [below](#second-code).

- **Docker**: a list
  whose entry continues.
- Another entry.

\`\`\`sh
plimsoll   scan
\`\`\`

### shared-code

The error.

## Problems

### shared-code

The problem.
`;
const sections = codeSections(page);
const explained = (code: string, width = 60): string => {
  const found = sections.filter((section) => section.code === code);
  return [...codeExplanation(found, { width, colour: false })].join("");
};

test("the page has a section for each code of an error and of a problem", () => {
  expect(sections.map(({ code, kind }) => [code, kind])).toEqual([
    ["first-code", "error"],
    ["shared-code", "error"],
    ["shared-code", "problem"],
  ]);
  expect(codeList(sections)).toBe("Errors:\n  first-code\n  shared-code\n\nProblems:\n  shared-code\n");
});

test("a section is wrapped, without links and emphasis, and code blocks stay as they are", () => {
  expect(explained("first-code")).toBe(
    [
      "first-code (error)",
      "",
      "One paragraph about `plimsoll scan NAME` and one word; see",
      "Registries (docs/registries/README.md), below.",
      "",
      "- Docker: a list whose entry continues.",
      "- Another entry.",
      "",
      "plimsoll   scan",
      "",
    ].join("\n"),
  );
  expect(explained("first-code", 20)).toMatch(
    /^- Docker: a list\n {2}whose entry\n {2}continues\.\n- Another entry\.$/m,
  );
});

test("a code of an error and a problem has both explanations", () => {
  expect(explained("shared-code")).toBe("shared-code (error)\n\nThe error.\n\nshared-code (problem)\n\nThe problem.\n");
});
