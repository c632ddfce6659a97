import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { runWithoutDescriptors } from "../../../tests/setup/run-without-descriptors.ts";
import { temporaryFolder } from "../../../tests/setup/temporary-folder.ts";
import { ChildProcessFailure, findProgram, runChildProcess } from "./child-process.ts";

const folder = temporaryFolder();
const bounds = { environment: {}, timeout: 10_000, maxOutput: 1000 };
const node = (code: string) => ({ path: process.execPath, args: ["-e", code] });

test("what a program is given and what it writes pass through as they are", async () => {
  const code =
    "process.stdin.pipe(process.stdout); console.error(process.argv[1], process.env.NAME); process.exitCode = 3";
  const result = await runChildProcess(
    { path: process.execPath, args: ["-e", code, "$(touch x); `y`"] },
    { ...bounds, environment: { NAME: "value" }, input: "ä\n" },
  );
  expect(result.exitCode).toBe(3);
  expect(result.stdout.toString()).toBe("ä\n");
  expect(result.stderr.toString()).toBe("$(touch x); `y` value\n");
});

test("a program that does not read its input fails nothing", async () => {
  const result = await runChildProcess(node(""), { ...bounds, input: "x".repeat(1_000_000) });
  expect(result.exitCode).toBe(0);
});

test("one that takes too long is killed", async () => {
  const run = runChildProcess(node("setInterval(() => {}, 1000)"), { ...bounds, timeout: 300 });
  await expect(run).rejects.toThrow("it did not exit within 1 s");
});

test("one that writes too much is killed, and what it wrote is not repeated", async () => {
  const code = "setInterval(() => process.stdout.write('marker'.repeat(1000)), 1)";
  const failure: unknown = await runChildProcess(node(code), bounds).catch((cause: unknown) => cause);
  expect(failure).toBeInstanceOf(ChildProcessFailure);
  expect(String(failure)).toBe("ChildProcessFailure: it wrote more than 1000 bytes");
});

test("what a program leaves behind with its output open is not waited for", async () => {
  const code = `require("node:child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 10000)"], { stdio: "inherit", detached: true }).unref(); console.log("done")`;
  expect((await runChildProcess(node(code), bounds)).stdout.toString()).toBe("done\n");
});

test("an abort ends it with the reason of the signal", async () => {
  const reason = new Error("enough");
  const abort = new AbortController();
  const run = runChildProcess(node("setInterval(() => {}, 1000)"), { ...bounds, signal: abort.signal });
  abort.abort(reason);
  await expect(run).rejects.toBe(reason);
  await expect(runChildProcess(node(""), { ...bounds, signal: abort.signal })).rejects.toBe(reason);
});

test("what cannot be started says why", async () => {
  const run = runChildProcess({ path: join(folder, "none"), args: [] }, bounds);
  await expect(run).rejects.toThrow("it cannot be started: it does not exist");
});

test.skipIf(process.platform === "win32")("arguments that the system does not take are told as a failure", async () => {
  const program = { path: process.execPath, args: ["x".repeat(5_000_000)] };
  const failure: unknown = await runChildProcess(program, bounds).catch((cause: unknown) => cause);
  expect(failure).toBeInstanceOf(ChildProcessFailure);
  expect(String(failure)).toBe("ChildProcessFailure: it cannot be started: its arguments and environment are too long");
});

test.skipIf(process.platform === "win32")(
  "a program is found in the first folder that has it, and never in a relative one",
  async () => {
    for (const name of ["a", "b", "c"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "a", "tool"), "not executable");
    mkdirSync(join(folder, "b", "tool"));
    writeFileSync(join(folder, "c", "tool"), "#!/bin/sh\n");
    chmodSync(join(folder, "c", "tool"), 0o755);
    const path = ["", ".", "c", ...["missing", "a", "b", "c"].map((name) => join(folder, name))].join(delimiter);
    expect(await findProgram("tool", path)).toBe(join(folder, "c", "tool"));
    expect(await findProgram("tool", ["", ".", join(folder, "a")].join(delimiter))).toBeUndefined();
  },
);

test.skipIf(process.platform === "win32")(
  "without a descriptor for its pipes a program is not started, and that is told",
  async () => {
    const code = `
    const { runChildProcess } = await import(${JSON.stringify(new URL("child-process.ts", import.meta.url).href)});
    const program = { path: process.execPath, args: [] };
    takeDescriptors();
    const told = await runChildProcess(program, { environment: {}, timeout: 60_000, maxOutput: 10 }).catch((cause) => cause);
    giveDescriptorsBack();
    console.log(told.name + ": " + told.message);`;
    expect(await runWithoutDescriptors(code)).toEqual({
      exitCode: 0,
      stdout: "ChildProcessFailure: it cannot be started: too many open files\n",
      stderr: "",
    });
  },
);
