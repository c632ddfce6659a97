import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * True in `npm test`, which takes minutes: the tests beside the code, those of the repository as a whole, and a sample of
 * those that start the program. `npm run test:all` and `npm test -- FILTER` run every test (that the filter selects).
 */
const isQuick = process.env["PLIMSOLL_TESTS"] === "quick";

/** Suites beside the code that take more than ten seconds; `npm test` leaves them to `npm run test:all`. */
const slowParts = [
  "src/advisories/database/replace-database.test.ts",
  "src/checks/definitions/load-definitions.test.ts",
  "src/checks/manifests/reading/read-manifests.test.ts",
  "src/pipeline/inventory/layer-workers.test.ts",
  "src/pipeline/inventory/links-to-other-folders.test.ts",
  "src/sources/image/chunked/chunked-layer-tree.test.ts",
  "src/sources/image/chunked/first-look.test.ts",
];

/** The sample of the tests that start the program: the first run of a user. */
const sampleOfProgram = [
  "tests/end-to-end/demo.test.ts",
  "tests/end-to-end/image-forms.test.ts",
  "tests/end-to-end/policy.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // By default, Vitest leaves one core idle, which is half of a machine with two cores.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["src/**/*.test.ts", "tests/*.test.ts"],
          exclude: isQuick ? slowParts : [],
        },
      },
      {
        extends: true,
        test: {
          name: "program",
          include: isQuick ? sampleOfProgram : ["tests/*/**/*.test.ts"],
          globalSetup: "tests/setup/bundle-program-once.ts",
        },
      },
    ],
  },
});
