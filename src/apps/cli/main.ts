#!/usr/bin/env node
import { toolVersion } from "../../model/tool-version.ts";

/** Milliseconds that an interrupted program may still take to write what it has said. */
const longestFarewell = 1_000;
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  process.stderr.write(`error: Plimsoll needs Node.js 24.15 or later, this is ${process.versions.node}\n`);
  process.exitCode = 3;
} else if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  process.stdout.write(`${toolVersion}\n`);
} else {
  const { keepCompiledCode } = await import("./compiled-code.ts");
  keepCompiledCode();
  const { run } = await import("./run.ts");
  const { ExitCode } = await import("./exit-code.ts");
  process.exitCode = await run(process.argv.slice(2));
  // A proxy that never answers keeps its connection, and the process with it, until Node gives it up.
  if (process.exitCode === ExitCode.interrupted) setTimeout(() => process.exit(), longestFarewell).unref();
}
