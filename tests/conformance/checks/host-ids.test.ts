import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { dockerChecks } from "../../../src/checks/docker/docker-checks.ts";
import { dockerFacts } from "../../../src/checks/docker/docker-facts.ts";
import { hostChecks } from "../../../src/checks/linux/host-checks.ts";
import { runChecks } from "../../../src/checks/run-checks.ts";
import { corpusJson, corpusPath, describeWithCorpus } from "../../setup/corpus.ts";

interface Benchmark {
  readonly benchmark: string;
  readonly version: string;
  readonly controls: readonly {
    readonly id: string;
    readonly assessment?: "automated" | "manual";
    readonly subject_key: string;
  }[];
}

describeWithCorpus("ids of the CIS Docker Benchmark", () => {
  const { benchmarks } = corpusJson<{ readonly benchmarks: readonly Benchmark[] }>(
    "hardening",
    "cis-ids",
    "cis-ids.json",
  );
  const docker = benchmarks.filter(({ benchmark }) => benchmark === "cis-docker");
  const idsOf = (version: string): Map<string, string[]> => {
    const ids = new Map<string, string[]>();
    for (const check of dockerChecks) {
      for (const mapping of check.mappings) {
        if (mapping.framework !== "CIS Docker Benchmark" || mapping.version !== version) continue;
        ids.set(mapping.id, [...(ids.get(mapping.id) ?? []), check.id]);
      }
    }
    return ids;
  };

  test.each(["1.6", "1.7", "1.8"])(
    "of version %s: every published one has a check, and no other is claimed",
    (version) => {
      const controls = docker.find((benchmark) => benchmark.version === version)?.controls ?? [];
      // What stands at 2.7 in 1.8 is not public.
      const published = controls.filter(({ subject_key }) => subject_key !== "unknown").map(({ id }) => id);
      expect(published).toHaveLength({ "1.6": 117, "1.7": 27, "1.8": 26 }[version] ?? 0);
      expect([...idsOf(version).keys()].sort()).toEqual([...published].sort());
    },
  );

  test("only 4.1 is two checks: of the image, and of the container", () => {
    const shared = [...idsOf("1.6")].filter(([, checks]) => checks.length > 1);
    expect(shared).toEqual([["4.1", ["docker/image-user", "docker/container-user"]]]);
  });

  test("that can be automated are not left to a person", () => {
    // Without any facts, a check that could decide cannot look; one that never decides says so even then.
    const undecided = runChecks(dockerChecks, dockerFacts({})).filter(({ state }) => state === "manual");
    const manual = new Set(undecided.flatMap(({ mappings }) => mappings.map(({ id }) => id)));
    const automated = docker[0]?.controls.filter(({ assessment }) => assessment === "automated") ?? [];
    expect(automated.length).toBeGreaterThan(85);
    expect(automated.filter(({ id }) => manual.has(id))).toEqual([]);
  });
});

describeWithCorpus("ids of the CIS benchmarks of distributions", () => {
  test.each([
    ["CIS Ubuntu Linux 24.04 LTS Benchmark", "Ubuntu_24.04", 60],
    ["CIS Red Hat Enterprise Linux 9 Benchmark", "Red_hat_enterprise_linux_9", 50],
  ])("%s: every one that a check claims is there", (framework, folder, atLeast) => {
    const text = readFileSync(corpusPath("hardening", "kube-bench", "linux-bench", folder, "definitions.yaml"), "utf8");
    const published = new Set(Array.from(text.matchAll(/^\s*- id: "?([\d.]+)"?\s*$/gm), ([, id = ""]) => id));
    const claimed = hostChecks.flatMap(({ mappings }) =>
      mappings.filter((one) => one.framework === framework).map(({ id }) => id),
    );
    expect(claimed.length).toBeGreaterThanOrEqual(atLeast);
    expect(claimed.filter((id) => !published.has(id))).toEqual([]);
  });
});
