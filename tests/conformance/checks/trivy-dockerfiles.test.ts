import { expect, test } from "vitest";
import { dockerfileChecks } from "../../../src/checks/dockerfile/builtin.ts";
import { readDockerfile } from "../../../src/checks/dockerfile/read-dockerfile.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Example {
  readonly id: string;
  readonly check: string;
  readonly kind: string;
  readonly verdict: "pass" | "fail";
  readonly input: string;
}

// Trivy's checks of Dockerfiles, and ours of the same subject.
const subjects: Readonly<Record<string, readonly string[]>> = {
  "DS-0001": ["base-tag"],
  "DS-0002": ["root-user"],
  "DS-0004": ["ssh-port"],
  "DS-0005": ["add-local"],
  "DS-0006": ["copy-from-self"],
  "DS-0007": ["repeated-instruction"],
  "DS-0008": ["port-range"],
  "DS-0009": ["workdir-absolute"],
  "DS-0010": ["sudo"],
  "DS-0011": ["copy-target-folder"],
  "DS-0012": ["stage-name-unique"],
  "DS-0013": ["run-cd"],
  "DS-0014": ["download-tool"],
  "DS-0015": ["package-cache"],
  "DS-0016": ["repeated-instruction"],
  "DS-0017": ["package-refresh-alone"],
  "DS-0019": ["package-cache"],
  "DS-0020": ["package-cache"],
  "DS-0021": ["package-confirmation"],
  "DS-0022": ["maintainer"],
  "DS-0023": ["repeated-instruction"],
  "DS-0024": ["dist-upgrade"],
  "DS-0025": ["package-cache"],
  "DS-0026": ["healthcheck"],
  "DS-0027": ["package-cache"],
  "DS-0029": ["package-recommends"],
  "DS-0030": ["system-folder"],
  "DS-0031": ["secret-variable", "secret-file", "secret-value"],
};

describeWithCorpus("Dockerfiles get the verdicts that Trivy gives them", () => {
  test("every check of Trivy has one of ours", () => {
    const ids = corpusJson<{ id: string }[]>("hardening", "trivy-examples", "check-ids.json");
    const ours = new Set(dockerfileChecks.map(({ id }) => id));
    expect(ids.map(({ id }) => id).filter((id) => id.startsWith("DS-") && subjects[id] === undefined)).toEqual([]);
    expect(
      Object.values(subjects)
        .flat()
        .filter((name) => !ours.has(`dockerfile/${name}`)),
    ).toEqual([]);
  });

  test("good and bad examples", () => {
    const examples = corpusBytes("hardening", "trivy-examples", "cases.jsonl")
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Example)
      .filter(({ kind }) => kind === "dockerfile");
    for (const { id, check, verdict, input } of examples) {
      const names = subjects[check] ?? [];
      const dockerfile = readDockerfile({ path: "Dockerfile", text: input });
      const failed = dockerfileChecks
        .filter((ours) => names.includes(ours.id.replace("dockerfile/", "")))
        .some((ours) => [...ours.evaluate({ dockerfile })].some(({ state }) => state === "fail"));
      expect(failed ? "fail" : "pass", id).toBe(verdict);
    }
    expect(examples).toHaveLength(45);
  });
});
