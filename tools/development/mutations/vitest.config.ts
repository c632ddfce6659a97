import { readFileSync } from "node:fs";
import { defineConfig, type ViteUserConfig } from "vitest/config";

/** The file and its mutated text, as `run-mutations.ts` hands them over. */
const { file = "", text = "" } = JSON.parse(readFileSync(process.env["PLIMSOLL_MUTATION"] ?? "", "utf8")) as {
  readonly file?: string;
  readonly text?: string;
};

/** The configuration of a run with one fault in one file. Nothing on disk changes. */
const config: ViteUserConfig = defineConfig({
  plugins: [{ name: "mutation", enforce: "pre", load: (id) => (id.split("?")[0] === file ? text : undefined) }],
  test: {
    include: ["src/**/*.test.ts", "tests/**/*.test.ts"],
    testTimeout: 120_000,
    pool: "forks",
    maxWorkers: 1,
    bail: 1,
    // The cache of transformed modules would give the file without its fault.
    fsModuleCache: false,
  },
});

export default config;
