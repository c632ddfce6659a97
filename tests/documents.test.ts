import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { explainedDifferences } from "../bench/agreement/explained-differences.ts";
import { program } from "../src/apps/cli/run.ts";
import { ExitCode } from "../src/apps/cli/terminal/exit-code.ts";
import { extractors } from "../src/extractors/builtin.ts";
import { extractorsOfFilesAlone } from "../src/extractors/file-extractors.ts";
import { toolVersion } from "../src/model/tool-version.ts";
import { readWatchConfig } from "../src/pipeline/watch/watch-config.ts";
import { generatedDocuments } from "../tools/development/generated-documents.ts";
import { documents, headings, read } from "./setup/documents.ts";
import { repository, sourceFiles } from "./setup/source-files.ts";
import { temporaryFolder } from "./setup/temporary-folder.ts";

const manifest = JSON.parse(read("package.json")) as {
  readonly version: string;
  readonly scripts: Record<string, string>;
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
};

describe("docs/errors.md", () => {
  const [errors = "", problems = ""] = read("docs/errors.md").split(/^## Problems$/m);

  test("has a heading for every error code, and no other", () => {
    expect(headings(errors, 3)).toEqual(unionMembers("src/model/error.ts", "ErrorCode"));
  });

  test("has a heading for every problem code, and no other", () => {
    expect(headings(problems, 3).sort()).toEqual(unionMembers("src/model/reports/problem.ts", "ProblemCode").sort());
  });
});

describe("docs/dependencies.md", () => {
  const [runTime = "", development = ""] = read("docs/dependencies.md").split(/^## In development$/m);

  test("has a line for every dependency, and no other", () => {
    expect(namesInRows(runTime)).toEqual(Object.keys(manifest.dependencies).sort());
    expect(namesInRows(development)).toEqual(Object.keys(manifest.devDependencies).sort());
  });
});

/** Folders of code that several extractors share. */
const sharedByExtractors = ["binary/executable"];

test("the list of extractors and the folders of extractors are the same, but for code that they share", () => {
  const folders = readdirSync(join(repository, "src/extractors"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.parentPath !== join(repository, "src/extractors"))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(repository, "src/extractors/").length))
    .filter((path) => path.split("/").length === 2);
  const ids = [...extractors, ...extractorsOfFilesAlone].map(({ id }) => id);
  expect([...ids, ...sharedByExtractors].sort()).toEqual(folders.sort());
  const hidden = sourceFiles().filter(
    ({ path, text }) =>
      sharedByExtractors.some((folder) => path.startsWith(`extractors/${folder}/`)) && /\bExtractor\b/.test(text),
  );
  expect(hidden.map(({ path }) => path)).toEqual([]);
});

describe("README.md", () => {
  const readme = read("README.md");

  test("explains exactly the exit codes that exist", () => {
    const codes = Array.from(readme.matchAll(/^\| (\d+) +\| /gm), ([, code]) => Number(code));
    expect(codes.sort()).toEqual(Object.values(ExitCode).sort());
  });

  test("is short, and says how to install the program, to try it and to test it", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(150);
    const commands = ["npm ci && npm run build && npm install -g .", "npm ci && npm run demo", "npm ci && npm test"];
    expect(commands.filter((command) => !readme.includes(command))).toEqual([]);
  });
});

test("docs/architecture.md shows exactly the folders that exist", () => {
  const tree = read("docs/architecture.md").match(/^## The tree\n+```\n([^`]*)```/m)?.[1] ?? "";
  expect(Array.from(tree.matchAll(/^ {2}([a-z]+)\/ /gm), ([, name]) => name).sort()).toEqual(foldersIn("src"));
  const top = Array.from(tree.matchAll(/^([a-z]+)\/(?: |$)/gm), ([, name]) => name);
  const besides = ["node_modules", "dist", "coverage"];
  expect(top.sort()).toEqual(foldersIn(".").filter((name) => !besides.includes(name)));
});

describe("docs/watch.md", () => {
  const example = read("docs/watch.md").match(/^```yaml\n(rules: [\s\S]*?)^```/m)?.[1] ?? "";
  const folder = temporaryFolder();

  test("shows a configuration that can be read, with every key that there is", () => {
    const path = join(folder, "watch.yaml");
    writeFileSync(path, example);
    const { outputs = [] } = readWatchConfig(path, { ALERT_TOKEN: "x" });
    expect(outputs).toHaveLength(5);
    const source = read("src/pipeline/watch/watch-config.ts");
    const lists = Array.from(source.matchAll(/(?:[kK]eys = |members\()\[([^\]]*)\]/g), ([, list = ""]) => list);
    const keys = lists.flatMap((list) => Array.from(list.matchAll(/"([a-z_]+)"/g), ([, key = ""]) => key));
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(example))).toEqual([]);
  });
});

test("the documents name only commands, options and scripts that exist", () => {
  const root = program(new AbortController().signal, { exitCode: 0 });
  const wrong: string[] = [];
  let seen = 0;
  for (const document of documents) {
    for (const [, line = ""] of codeOf(document).matchAll(/\bplimsoll ((?:[a-z]|--)[^\n`]*)/g)) {
      seen++;
      if (!isCommandLine(root, line)) wrong.push(`${document}: plimsoll ${line}`);
    }
    for (const [, script = ""] of codeOf(document).matchAll(/\bnpm run ([a-z]+)/g)) {
      seen++;
      if (!(script in manifest.scripts)) wrong.push(`${document}: npm run ${script}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(30);
});

test("the documents name only options that some command has", () => {
  const commands = commandsBelow(program(new AbortController().signal, { exitCode: 0 }));
  const known = new Set([
    "--help",
    "--version",
    "--write",
    ...commands.flatMap(({ options }) => options.map(({ long }) => long)),
  ]);
  const named = documents.flatMap((document) =>
    Array.from(read(document).matchAll(/`(--[a-z0-9-]+)/g), ([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("only documents for contributors start the program from the source", () => {
  const users = documents.filter((name) => name !== "CONTRIBUTING.md" && !name.startsWith("docs/adding-"));
  expect(users.filter((name) => read(name).includes("npx plimsoll"))).toEqual([]);
});

test.each([
  ["docs/cli.md", "cli", 25],
  ["docs/ci/github.md", "action", 5],
])("%s explains every environment variable that the app reads", (document, app, fewest) => {
  const files = sourceFiles().filter(({ path }) => path.startsWith(`apps/${app}/`));
  const names = files.flatMap(({ text }) =>
    Array.from(text.matchAll(/"((?!ERR_)[A-Z]+(?:_[A-Z0-9]+)+)"/g), ([, name = ""]) => name),
  );
  expect(new Set(names).size).toBeGreaterThan(fewest);
  const text = read(document);
  expect(names.filter((name) => !text.includes(name))).toEqual([]);
});

test("every app has a document that explains its environment variables", () => {
  expect(foldersIn("src/apps")).toEqual(["action", "cli"]);
});

test.each([...generatedDocuments()])("%s is what the code says; npm run docs writes it", (path, text) => {
  expect(read(path)).toBe(text);
});

test("docs/agreement.md has a heading for every class of differences, and no other", () => {
  const agreement = read("docs/agreement.md");
  const titles = headings(agreement.slice(agreement.indexOf("## Only Plimsoll")));
  expect(titles.filter((title) => !title.startsWith("Only "))).toEqual(explainedDifferences.map(({ title }) => title));
});

test("no document names the host of a package registry", () => {
  expect(documents.filter((document) => /\/\/(?:registry|index|repo|proxy|files)\./.test(read(document)))).toEqual([]);
});

test("the glossary is in order and explains each word once", () => {
  const words = Array.from(read("docs/glossary.md").matchAll(/^\| ([A-Za-z][A-Za-z -]*?) +\| /gm), ([, word = ""]) =>
    word.toLowerCase(),
  );
  const explained = words.slice(1);
  expect(explained.length).toBeGreaterThan(30);
  expect(explained).toEqual([...new Set(explained)].sort());
});

test("the program and the package have the same version", () => {
  expect(toolVersion).toBe(manifest.version);
});

test("everything exported in src says what it promises", () => {
  const declaration = /^export (?:abstract |async |declare )*(?:function\*?|const|class|interface|type|let) (\w+)/;
  const bare: string[] = [];
  let seen = 0;
  for (const { path, text } of sourceFiles()) {
    const lines = text.split("\n");
    for (const [index, line] of lines.entries()) {
      const name = declaration.exec(line)?.[1];
      if (name === undefined) continue;
      seen++;
      const before = lines.slice(0, index).findLast((other) => !other.startsWith("// biome-ignore"));
      if (!before?.endsWith("*/")) bare.push(`${path}: ${name}`);
    }
  }
  expect(bare).toEqual([]);
  expect(seen).toBeGreaterThan(100);
});

/** The texts in a union of string literals. */
function unionMembers(path: string, name: string): string[] {
  const body = read(path).match(new RegExp(`export type ${name} =([^;]*);`))?.[1] ?? "";
  const members = Array.from(body.matchAll(/\| "([a-z-]+)"/g), ([, member = ""]) => member);
  expect(members.length).toBeGreaterThan(3);
  return members;
}

/** The names in code marks in the first cells of a table's rows. */
function namesInRows(text: string): string[] {
  const cells = Array.from(text.matchAll(/^\| (`[^|]+) \|/gm), ([, cell = ""]) => cell);
  return cells.flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = ""]) => name)).sort();
}

function foldersIn(path: string): string[] {
  return readdirSync(join(repository, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/** What stands in code marks, one a line. */
function codeOf(document: string): string {
  return Array.from(
    read(document).matchAll(/^```[^\n]*\n([\s\S]*?)^```|`([^`\n]+)`/gm),
    ([, block, span]) => block ?? span,
  ).join("\n");
}

/** Whether the words lead to a command that can be run, and every option is one of it. */
function isCommandLine(root: Command, line: string): boolean {
  const words = line
    .replace(/ {2,}.*$|[;#…].*$|\s&&.*$/, "")
    .trim()
    .split(/\s+/);
  let command = root;
  for (const word of words) {
    // The end of the options.
    if (word === "--") break;
    if (word.startsWith("--")) {
      const known = ["--help", "--version", ...command.options.map(({ long }) => long)];
      if (!known.includes(word.split("=")[0] ?? "")) return false;
    }
    command = command.commands.find((child) => child.name() === word) ?? command;
  }
  return command !== root || words[0]?.startsWith("--") === true;
}

function commandsBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsBelow)];
}
