import { expect, test } from "vitest";
import { dockerfileChecks } from "../../../src/checks/dockerfile/builtin.ts";
import { readDockerfile } from "../../../src/checks/dockerfile/read-dockerfile.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Case {
  readonly id: string;
  readonly check: string;
  readonly framework: string;
  readonly files: Readonly<Record<string, string>>;
  readonly expect: {
    readonly by_file_name?: Readonly<Record<string, "pass" | "fail">>;
    /** How many instructions of a kind, by `file.KIND`. */
    readonly passing_counts?: Readonly<Record<string, number>>;
    readonly failing_counts?: Readonly<Record<string, number>>;
  };
}

// Checkov's checks of Dockerfiles, and ours of the same subject.
const subjects: Readonly<Record<string, readonly string[]>> = {
  CKV_DOCKER_1: ["ssh-port"],
  CKV_DOCKER_2: ["healthcheck"],
  CKV_DOCKER_3: ["root-user"],
  CKV_DOCKER_4: ["add-local", "add-remote"],
  CKV_DOCKER_5: ["package-refresh-alone"],
  CKV_DOCKER_6: ["maintainer"],
  CKV_DOCKER_7: ["base-tag"],
  CKV_DOCKER_8: ["root-user"],
  CKV_DOCKER_9: ["apt-in-script"],
  CKV_DOCKER_10: ["workdir-absolute", "workdir-relative"],
  CKV_DOCKER_11: ["stage-name-unique"],
  CKV2_DOCKER_1: ["sudo"],
  CKV2_DOCKER_2: ["tls-verification"],
  CKV2_DOCKER_3: ["tls-verification"],
  CKV2_DOCKER_4: ["tls-verification"],
  CKV2_DOCKER_5: ["tls-verification"],
  CKV2_DOCKER_6: ["tls-verification"],
  CKV2_DOCKER_7: ["package-signature"],
  CKV2_DOCKER_8: ["package-signature"],
  CKV2_DOCKER_9: ["package-signature"],
  CKV2_DOCKER_10: ["package-signature"],
  CKV2_DOCKER_11: ["package-signature"],
  CKV2_DOCKER_12: ["tls-verification"],
  CKV2_DOCKER_13: ["tls-verification"],
  CKV2_DOCKER_14: ["tls-verification"],
  CKV2_DOCKER_15: ["tls-verification"],
  CKV2_DOCKER_16: ["tls-verification"],
  CKV2_DOCKER_17: ["password-set"],
};

// What we find otherwise, and why.
const unbalanced = "One of the four has an open quote: no shell runs it, and dockerfile/script-readable says so.";
const differences: Readonly<Record<string, { readonly found: number; readonly reason: string }>> = {
  "dockerfile-graph/EnvGitSslNoVerify fail/Dockerfile.run.quotes.RUN": { found: 3, reason: unbalanced },
  "dockerfile-graph/EnvPythonHttpsVerify fail/Dockerfile.run.quotes.RUN": { found: 3, reason: unbalanced },
};

describeWithCorpus("Dockerfiles get the verdicts that Checkov gives them", () => {
  test("every check of Checkov has one of ours", () => {
    const ids = corpusJson<{ id: string }[]>("hardening", "checkov-examples", "check-ids.json");
    const docker = ids.map(({ id }) => id).filter((id) => /^CKV2?_DOCKER_/.test(id));
    const ours = new Set(dockerfileChecks.map(({ id }) => id));
    expect(docker.filter((id) => subjects[id] === undefined)).toEqual([]);
    expect(
      Object.values(subjects)
        .flat()
        .filter((name) => !ours.has(`dockerfile/${name}`)),
    ).toEqual([]);
    expect(docker).toHaveLength(28);
  });

  test("files pass and fail, with the same number of instructions", () => {
    const cases = corpusBytes("hardening", "checkov-examples", "cases.jsonl")
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Case)
      .filter(({ framework }) => framework === "dockerfile");
    const compared = { cases: cases.length, files: 0, counts: 0 };
    for (const { id, check, files, expect: expected } of cases) {
      for (const [name, verdict] of Object.entries(expected.by_file_name ?? {})) {
        const failed = failedInstructions(check, files[name] ?? "").length > 0;
        expect(failed ? "fail" : "pass", `${id} ${name}`).toBe(verdict);
        compared.files += 1;
      }
      const counts = { ...zeros(expected.passing_counts), ...expected.failing_counts };
      for (const [resource, count] of Object.entries(counts)) {
        const [, name = "", keyword = ""] = /^(.*)\.([A-Z]+)$/.exec(resource) ?? [];
        const failed = failedInstructions(check, files[name] ?? "").filter((found) => found.startsWith(`${keyword} `));
        const difference = differences[`${id} ${resource}`];
        expect(failed.length, `${id} ${resource}`).toBe(difference?.found ?? count);
        compared.counts += 1;
      }
    }
    expect(compared).toEqual({ cases: 19, files: 22, counts: 54 });
  });
});

/** The instructions that our checks of a subject fail, once each. */
function failedInstructions(check: string, text: string): string[] {
  const names = subjects[check] ?? [];
  const dockerfile = readDockerfile({ path: "Dockerfile", text });
  const lines = dockerfileChecks
    .filter(({ id }) => names.includes(id.replace("dockerfile/", "")))
    .flatMap((ours) => [...ours.evaluate({ dockerfile })])
    .filter(({ state }) => state === "fail")
    .map(({ location }) => location?.line ?? 0);
  return dockerfile.source.instructions
    .filter(({ line, endLine }) => lines.some((found) => found >= line && found <= endLine))
    .map(({ keyword, line }) => `${keyword} ${line}`);
}

function zeros(counts: Readonly<Record<string, number>> = {}): Record<string, number> {
  return Object.fromEntries(Object.keys(counts).map((name) => [name, 0]));
}
