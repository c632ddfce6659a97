import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

const preface = `
  const { closeSync, openSync } = await import("node:fs");
  const taken = [];
  function takeDescriptors() {
    try {
      for (;;) taken.push(openSync("/dev/null"));
    } catch {}
  }
  function giveDescriptorsBack() {
    for (const descriptor of taken) closeSync(descriptor);
  }`;

/**
 * Runs code in a Node of its own that may open few files. In the code, `takeDescriptors()` opens all that it may, and
 * `giveDescriptorsBack()` closes them.
 */
export async function runWithoutDescriptors(
  code: string,
): Promise<{ readonly exitCode: number | null; readonly stdout: string; readonly stderr: string }> {
  const arguments_ = ["-c", 'ulimit -n 64 && exec "$@"', "sh", process.execPath, "--input-type=module", "-e"];
  const child = spawn("/bin/sh", [...arguments_, `${preface}\n${code}`], { timeout: 30_000 });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { exitCode, stdout, stderr };
}
