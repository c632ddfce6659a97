#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { toolVersion } from "../../model/tool-version.ts";

enableCompileCache();
if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  process.stdout.write(`${toolVersion}\n`);
} else {
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2));
}
