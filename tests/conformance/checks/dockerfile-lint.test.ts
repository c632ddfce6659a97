import { expect, test } from "vitest";
import { dockerfileChecks } from "../../../src/checks/dockerfile/builtin.ts";
import { readDockerfile } from "../../../src/checks/dockerfile/read-dockerfile.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Warning {
  readonly rule?: string;
  readonly line?: number;
  readonly $call?: string;
  readonly args?: readonly [name: string, line: number];
}

interface LintCase {
  readonly id: string;
  readonly dockerfile: string;
  readonly dockerignore: string | null;
  readonly options: Readonly<Record<string, string>> | null;
  readonly expect: {
    readonly warnings: readonly Warning[];
    /** What is reported when all stages are looked at, which we always do. */
    readonly unmarshal_warnings?: readonly Warning[];
    readonly build_error_line?: number;
  };
}

// Rules that need more than files.
const notOurs = ["InvalidBaseImagePlatform"];

// Where the expectation names other lines than those of its instructions: BuildKit's own test does not compare the lines of this list.
const correctedLines: Readonly<Record<string, readonly string[]>> = {
  "testLegacyKeyValueFormat#1321": ["LegacyKeyValueFormat 5", "LegacyKeyValueFormat 6"],
};

describeWithCorpus("Dockerfiles are linted as BuildKit lints them", () => {
  test("every rule has a check", () => {
    const names = corpusJson<string[]>("hardening", "dockerfile-parser", "buildkit-rule-names.json");
    const ours = dockerfileChecks.flatMap(({ mappings }) => mappings.flatMap(ruleOf));
    expect(names.filter((name) => !ours.includes(name))).toEqual(notOurs);
    expect(names).toHaveLength(22);
  });

  test("each case has the same rules on the same lines", () => {
    const cases = corpusBytes("hardening", "dockerfile-parser", "buildkit-lint.jsonl")
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as LintCase);
    let warnings = 0;
    for (const { id, dockerfile, dockerignore, options, expect: expected } of cases) {
      const listed = (expected.unmarshal_warnings ?? expected.warnings).map(asRuleAndLine).sort();
      const wanted = correctedLines[id] ?? listed;
      expect(found(dockerfile, dockerignore, options), id).toEqual(wanted);
      warnings += wanted.length;
    }
    expect({ cases: cases.length, warnings }).toEqual({ cases: 77, warnings: 62 });
  });
});

function found(text: string, ignoreText: string | null, options: Readonly<Record<string, string>> | null): string[] {
  const buildArguments = Object.fromEntries(
    Object.entries(options ?? {}).map(([name, value]) => [name.replace(/^build-arg:/, ""), value]),
  );
  const dockerfile = readDockerfile({
    path: "Dockerfile",
    text,
    ...(ignoreText === null ? {} : { ignoreText }),
    settings: { buildArguments },
  });
  return dockerfileChecks
    .flatMap((check) =>
      check.mappings
        .flatMap(ruleOf)
        .flatMap((rule) =>
          [...check.evaluate({ dockerfile })]
            .filter(({ state }) => state === "fail")
            .map(({ location }) => `${rule} ${location?.line}`),
        ),
    )
    .sort();
}

function ruleOf({ framework, id }: { readonly framework: string; readonly id: string }): string[] {
  return framework === "BuildKit" ? [id] : [];
}

function asRuleAndLine({ rule, line, args }: Warning): string {
  return args === undefined ? `${rule} ${line}` : `MultipleInstructionsDisallowed ${args[1]}`;
}
