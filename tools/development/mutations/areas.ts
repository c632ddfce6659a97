/** A part of the program whose tests are measured by faults. */
export interface MutationArea {
  /** The folder with the sources. */
  readonly folder: string;
  /** Tests that count beside those in the folder; paths as Vitest filters them. */
  readonly tests: readonly string[];
}

/** The parts in which a fault that no test sees would be a wrong verdict. */
export const mutationAreas: Readonly<Record<string, MutationArea>> = {
  versions: { folder: "src/versions", tests: ["tests/conformance/matching/versions.test.ts"] },
  detectors: {
    folder: "src/detectors",
    tests: [
      "tests/conformance/matching/cvss.test.ts",
      "tests/conformance/matching/labels.test.ts",
      "tests/conformance/matching/matching.test.ts",
    ],
  },
  policy: { folder: "src/policy", tests: ["src/reporters", "tests/conformance/matching/vex.test.ts"] },
  registry: { folder: "src/registry", tests: ["tests/registry", "tests/conformance/registry-"] },
  "pod-security": { folder: "src/checks/pod-security", tests: ["tests/conformance/checks/psa.test.ts"] },
  rules: { folder: "src/rules/language", tests: ["src/rules", "tests/conformance/runtime-language-"] },
};
