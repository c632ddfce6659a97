import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

// npm runs this before it packs the package and when it installs the package from Git, as pre-commit does: the build is not
// in the repository. `npm ci` runs it as well, in a checkout, which works without a build.

const root = resolve(import.meta.dirname, "../..");

if (process.env["npm_command"] !== "ci") {
  if (!existsSync(join(root, "node_modules/rolldown"))) installTools();
  const { build } = await import("./build.ts");
  await build();
}

/** With `--global`, npm does not install the development dependencies of a package from Git. */
function installTools(): void {
  const npm = process.env["npm_execpath"];
  if (npm === undefined) throw new Error("run npm ci first");
  const env = { ...process.env, npm_config_global: "false", npm_config_prefix: "", npm_config_include: "dev" };
  execFileSync(process.execPath, [npm, "ci", "--ignore-scripts"], {
    cwd: root,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
}
