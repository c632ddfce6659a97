import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { runShellcheck } from "./run-shellcheck.ts";

const folder = temporaryFolder();
const script = (text: string, interpreter = "#!/bin/sh") => ({ text, interpreter });
const nobodys = { searchPath: "", codes: [2164], ignoresDirectives: false };

/** Options for a `shellcheck` that is this program of Node. */
function fake(name: string, code: string): typeof nobodys {
  const searchPath = join(folder, name);
  mkdirSync(searchPath);
  const path = join(searchPath, "shellcheck");
  writeFileSync(
    path,
    `#!${process.execPath}\nconst files = process.argv.slice(process.argv.indexOf("--") + 1);\n${code}`,
  );
  chmodSync(path, 0o755);
  return { ...nobodys, searchPath };
}

const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("plimsoll-scripts-"));

test("without the program there is no fact", async () => {
  expect(await runShellcheck([script("a"), script("b")], nobodys)).toBeUndefined();
});

test.skipIf(process.platform === "win32").each([
  ["ends with 4", "process.exit(4)", "it is older than version 0.8"],
  ["ends with 2", "process.exit(2)", "it ended with 2"],
  ["prints nothing", "", "its output is not the JSON of version 0.8 or newer"],
  ["prints something else", "console.log('{\"comments\":[7,{}]}')", "its output has an unexpected form"],
  [
    "names another file",
    'console.log(\'{"comments":[{"file":"/etc/passwd","code":1,"message":""}]}\')',
    "its output has an unexpected form",
  ],
])("a program that %s gives a reason and no comments", async (name, code, reason) => {
  const options = fake(name.replaceAll(" ", "-"), code);
  const unavailable = `shellcheck could not check the scripts: ${reason}`;
  expect(await runShellcheck([script("a")], options)).toEqual([{ unavailable }]);
});

test.skipIf(process.platform === "win32")(
  "one process reads many scripts, sees no variables of the user, and its files are removed",
  async () => {
    const log = join(folder, "log");
    const code = `require("node:fs").appendFileSync(${JSON.stringify(log)}, JSON.stringify({ count: files.length, environment: Object.keys(process.env) }) + "\\n");
console.log(JSON.stringify({ comments: [] }));`;
    const before = leftovers();
    const facts = await runShellcheck(
      Array.from({ length: 250 }, () => script("a")),
      fake("many", code),
    );
    expect(facts).toHaveLength(250);
    expect(facts?.every((fact) => "value" in fact)).toBe(true);
    const runs = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    const environment = ["HOME", "LC_ALL"];
    expect(runs).toEqual([expect.objectContaining({ count: 200 }), expect.objectContaining({ count: 50 })]);
    expect((runs[0] as { environment: string[] }).environment.sort()).toEqual(environment);
    expect(leftovers()).toEqual(before);
  },
);

test.skipIf(process.platform === "win32")("places count code points and leave out the interpreter's line", async () => {
  const code = `const place = { file: files[0], code: 2164, message: "m".repeat(1000), line: 3, column: 3, endLine: 3, endColumn: 5 };
console.log(JSON.stringify({ comments: [place, { ...place, endLine: 99, endColumn: 99 }] }));`;
  const text = "a\n😀ä\tcd b\n";
  const [fact] = (await runShellcheck([script(text)], fake("places", code))) ?? [];
  const comment = { code: 2164, start: text.indexOf("\t"), end: text.indexOf("d b"), message: "m".repeat(300) };
  expect(fact).toEqual({ value: [comment, { ...comment, end: text.length }] });
});

test.skipIf(process.platform === "win32")("a script that is too large is not given to the program", async () => {
  const code = `console.log(JSON.stringify({ comments: files.map((file) => ({ file, code: files.length, message: "" })) }))`;
  const [large, small] = (await runShellcheck([script("a".repeat(300_000)), script("a")], fake("large", code))) ?? [];
  expect(large).toEqual({ unavailable: "shellcheck could not check the scripts: one is larger than 256 KiB" });
  expect(small).toMatchObject({ value: [{ code: 1 }] });
});

test.skipIf(process.platform === "win32")("directives are plain comments where they are ignored", async () => {
  const code = `const text = require("node:fs").readFileSync(files[0], "utf8");
console.log(JSON.stringify({ comments: [{ file: files[0], code: 1, message: text }] }));`;
  const options = fake("directives", code);
  const text = "#  shellcheck disable=all\ncd a; b";
  const [kept] = (await runShellcheck([script(text)], options)) ?? [];
  const [ignored] = (await runShellcheck([script(text)], { ...options, ignoresDirectives: true })) ?? [];
  expect(kept).toMatchObject({ value: [{ message: `#!/bin/sh\n${text}\n` }] });
  expect(ignored).toMatchObject({ value: [{ message: "#!/bin/sh\n#  shellCheck disable=all\ncd a; b\n" }] });
});
