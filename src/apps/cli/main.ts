#!/usr/bin/env node
import { existsSync } from "node:fs";

/** Milliseconds that an interrupted program may still take to write what it has said. */
const longestFarewell = 1_000;
/** Says what went wrong and gives the exit code for it; at first without any other file, since those may be missing. */
let explain = (error: unknown): number => {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `error: unexpected: ${what.replace(/$/m, " [program-failed]")}\n       The installation may be incomplete: install Plimsoll again.\n`,
  );
  return 3;
};
// Node would end with 1, which means denied. What the exit code already says stays.
process.on("uncaughtException", (error) => {
  const exitCode = explain(error);
  process.exit(process.exitCode || exitCode);
});

// `npx plimsoll` in a checkout starts dist/plimsoll.js where a build is there, which may be older than the sources.
const checkoutProgram = new URL("../tools/development/plimsoll.mjs", import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`error: Plimsoll needs Node.js 24.15 or later; this is ${process.versions.node}\n`);
  process.exitCode = 3;
} else if (process.env["npm_command"] === "exec" && existsSync(checkoutProgram)) {
  await import(checkoutProgram.href);
} else if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", async (error) => {
    const { endOnFailedOutput } = await import("./terminal/end-on-failed-output.ts");
    endOnFailedOutput(error);
  });
  const { toolVersion } = await import("../../model/tool-version.ts");
  process.stdout.write(`${toolVersion}\n`);
} else {
  const { keepCompiledCode } = await import("./compiled-code.ts");
  keepCompiledCode();
  const { explainUnexpected } = await import("./terminal/explain-unexpected.ts");
  const { run } = await import("./run.ts");
  const { ExitCode } = await import("./terminal/exit-code.ts");
  explain = explainUnexpected;
  process.exitCode = await run(process.argv.slice(2));
  // A proxy that never answers keeps its connection, and the process with it, until Node gives it up.
  if (process.exitCode === ExitCode.interrupted) setTimeout(() => process.exit(), longestFarewell).unref();
}
