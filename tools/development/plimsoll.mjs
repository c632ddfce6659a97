#!/usr/bin/env node
import * as nodeModule from "node:module";

// The entry says which version it needs; a Node that is too old to read it must say so here.
if (!nodeModule.enableCompileCache || !process.features.typescript) {
  process.stderr.write(
    `error: a checkout of Plimsoll needs the Node.js that npm ci brings, this is ${process.versions.node}\n`,
  );
  process.stderr.write("       Run it as npx plimsoll.\n");
  process.exitCode = 3;
} else {
  nodeModule.enableCompileCache();
  await import("../../src/apps/cli/main.ts");
}
