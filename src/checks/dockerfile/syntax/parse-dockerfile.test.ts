import { expect, test } from "vitest";
import { buildStages } from "./build-stages.ts";
import { lineAt } from "./dockerfile.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

test("reading goes on after an instruction that is refused", () => {
  const dockerfile = parseDockerfile("FROM a\nENV B\nUSER c\n");
  expect(dockerfile.errors).toEqual([{ line: 2, message: "ENV needs a name and a value" }]);
  expect(dockerfile.instructions.map(({ keyword }) => keyword)).toEqual(["FROM", "USER"]);
});

test("each part of a continued instruction knows its line", () => {
  const [instruction] = parseDockerfile("RUN a \\\n# comment\n  b \\\n c").instructions;
  if (instruction === undefined) throw new Error("nothing was read");
  const { text } = instruction;
  expect(["a", "b", "c"].map((word) => lineAt(instruction, text.indexOf(word)))).toEqual([1, 3, 4]);
});

test("a heredoc keeps its text and the line it begins on, and what follows is read", () => {
  const { instructions } = parseDockerfile("COPY <<-A <<'B' /x\n\t1\n\tA\n2\nB\nUSER u");
  expect(instructions[0]?.heredocs).toMatchObject([
    { name: "A", content: "\t1\n", chomp: true, expand: true, line: 2 },
    { name: "B", content: "2\n", chomp: false, expand: false, line: 4 },
  ]);
  expect(instructions[1]).toMatchObject({ keyword: "USER", line: 6 });
});

test("a stage inherits the variables of the stage it builds on", () => {
  const text = "ARG V=1\nFROM a AS one\nARG V\nENV HOME=/h$V\nFROM one\nWORKDIR $HOME/$NONE";
  const { stages } = buildStages(parseDockerfile(text), { buildArguments: { V: "2" } });
  expect(stages[1]?.parent).toBe(stages[0]);
  expect(stages[1]?.steps[0]).toMatchObject({ values: ["/h2/"], unset: ["NONE"] });
});

test("what stands in place of a name is not repeated when it may be a secret", () => {
  const [error] = buildStages(parseDockerfile(`FROM a\n${"Zm9v".repeat(10)}==\n`)).errors;
  expect(error).toEqual({ line: 2, message: "unknown instruction of that name" });
});

test.each([
  ["a file of 5 MB", "RUN a\n".repeat(900_000), "the file is larger than 4194304 characters"],
  ["a long line", `FROM a\nRUN ${"b".repeat(70_000)}`, "the line is longer than 65535 characters"],
  ["many instructions", "RUN a\n".repeat(30_000), "more than 20000 instructions"],
  ["many heredocs", `RUN ${"<<A ".repeat(200)}`, "more than 100 heredocs"],
  ["ONBUILD in itself", "ONBUILD ".repeat(1000), "ONBUILD is nested too deeply"],
  ["a heredoc without an end", "RUN <<A\n".repeat(1000), "the heredoc A is not closed"],
  ["two directives of a name", "# escape=`\n# escape=`\nFROM a", "the directive escape may be used only once"],
  ["nothing", "\n# comment\n", "the file has no instructions"],
])("%s is an error, not a failure", (_, text, message) => {
  expect(parseDockerfile(text).errors[0]?.message).toBe(message);
});

test("variables that hold each other do not grow without a bound", () => {
  const lines = Array.from({ length: 60 }, (_, index) => `ENV A${index + 1}=$A${index}$A${index}`);
  const { stages } = buildStages(parseDockerfile(`FROM a\nENV A0=xx\n${lines.join("\n")}`));
  expect(stages[0]?.steps.at(-1)?.values.join("").length).toBeLessThan(300_000);
  expect(stages[0]?.steps.some(({ error }) => error === "the values of variables are too long")).toBe(true);
});

test("more than a thousand stages are not read", () => {
  const { stages, errors } = buildStages(parseDockerfile("FROM a\n".repeat(1500)));
  expect(stages).toHaveLength(1000);
  expect(errors).toEqual([{ line: 1001, message: "more than 1000 stages" }]);
});
