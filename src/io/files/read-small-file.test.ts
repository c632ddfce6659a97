import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { readNamedText, readSmallFile } from "./read-small-file.ts";

const folder = temporaryFolder();
const here = (name: string): string => join(folder, name);

function pipe(name: string): string {
  spawnSync("mkfifo", [here(name)]);
  return here(name);
}

/** Runs `readSmallFile` in a shell's command line, in which `read` stands for it. */
function shell(line: string): ReturnType<typeof spawn> {
  const code = `import { readNamedText, readSmallFile } from ${JSON.stringify(join(import.meta.dirname, "read-small-file.ts"))};
    process.once("SIGINT", () => console.log("heard"));
    console.log(readSmallFile(process.argv[1], { largest: 1000 }).toString());`;
  writeFileSync(here("read.mjs"), code.replace("argv[1]", "argv[2]"));
  return spawn("bash", ["-c", line.replace("read ", `exec "$NODE" ${here("read.mjs")} `)], {
    env: { PATH: process.env["PATH"], NODE: process.execPath },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test("a file is read whole, up to the limit", () => {
  writeFileSync(here("file"), "some text");
  expect(readSmallFile(here("file"), { largest: 9 }).toString()).toBe("some text");
  expect(() => readSmallFile(here("file"), { largest: 8 })).toThrow(/file is larger than 8 bytes/);
  expect(() => readSmallFile(folder, { largest: 8 })).toThrow(/EISDIR/);
  expect(() => readSmallFile(here("none"), { largest: 8 })).toThrow(/ENOENT/);
  expect(() => readSmallFile("/dev/zero", { largest: 100_000 })).toThrow(/larger than/);
  expect(readSmallFile("/dev/null", { largest: 8 })).toHaveLength(0);
});

test("the text of a file that the user named is there, or an error says whether the file is", () => {
  writeFileSync(here("named"), "some text");
  expect(readNamedText(here("named"), { largest: 9 })).toBe("some text");
  const errors: readonly (readonly [string, string])[] = [
    ["none", "target-not-found"],
    [".", "target-unreadable"],
    ["named", "limit-exceeded"],
  ];
  for (const [name, code] of errors) {
    expect(() => readNamedText(here(name), { largest: 8 })).toThrow(expect.objectContaining({ code }));
  }
});

test("a pipe with a slow writer is read to its end", async () => {
  const path = pipe("slow");
  const writer = spawn("sh", ["-c", `sleep 0.3; { echo one; sleep 0.3; echo two; } > ${path}`]);
  expect(readSmallFile(path, { largest: 100 }).toString()).toBe("one\ntwo\n");
  await once(writer, "exit");
});

test("a pipe that nobody writes to is given up", () => {
  expect(() => readSmallFile(pipe("alone"), { largest: 100 })).toThrow("it is a pipe without a writer");
});

test.each([
  ["read <(sleep 0.2; echo text)", "text\n\n"],
  ["read <(true)", "\n"],
  ["echo text | read /dev/stdin", "text\n\n"],
])("%s works in a shell", async (line, text) => {
  const { stdout } = shell(line);
  let output = "";
  stdout?.on("data", (piece: Buffer) => {
    output += piece.toString();
  });
  if (stdout) await once(stdout, "end");
  expect(output).toBe(text);
});

test("an interrupt ends the program while it waits for a pipe's writer", async () => {
  const path = pipe("held");
  const holder = spawn("sh", ["-c", `exec 3> ${path}; exec sleep 60`]);
  const child = shell(`read ${path}`);
  setTimeout(() => child.kill("SIGINT"), 1500);
  const [, signal] = await once(child, "exit");
  holder.kill();
  expect(signal).toBe("SIGINT");
});

test("those who listen for an interrupt do so again after the wait", async () => {
  const path = pipe("later");
  const writer = spawn("sh", ["-c", `sleep 0.3; echo text > ${path}`]);
  const before = process.listenerCount("SIGTERM");
  const listener = (): void => undefined;
  process.once("SIGTERM", listener);
  readSmallFile(path, { largest: 100 });
  expect(process.listenerCount("SIGTERM")).toBe(before + 1);
  process.off("SIGTERM", listener);
  expect(process.listenerCount("SIGTERM")).toBe(before);
  await once(writer, "exit");
});
