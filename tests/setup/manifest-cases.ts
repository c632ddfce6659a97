import type { Check, Observation } from "../../src/checks/check.ts";
import { manifestChecks } from "../../src/checks/manifests/manifest-checks.ts";
import type { ManifestFacts } from "../../src/checks/manifests/manifest-resource.ts";
import { readManifests } from "../../src/checks/manifests/reading/read-manifests.ts";
import { podSecurityChecks } from "../../src/checks/pod-security/pod-security-checks.ts";
import type { Problem } from "../../src/model/reports/problem.ts";
import { corpusBytes } from "./corpus.ts";

const checks = new Map<string, Check<ManifestFacts>>();
for (const check of [
  ...manifestChecks,
  ...podSecurityChecks({ level: "baseline", version: "latest" }),
  ...podSecurityChecks({ level: "restricted", version: "latest" }),
]) {
  checks.set(check.id, check);
}

/** The facts of files by name, and what could not be read of them. */
export function readFiles(files: Readonly<Record<string, string>>): {
  facts: ManifestFacts;
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const read = Object.entries(files).map(([path, text]) =>
    readManifests(text, { path, problem: (problem) => problems.push(problem) }),
  );
  const facts = {
    resources: read.flatMap(({ resources }) => resources),
    compose: read.flatMap(({ compose }) => compose),
  };
  return { facts, problems };
}

/** What checks say of facts. Error: for an id that no check has. */
export function observe(facts: ManifestFacts, ids: readonly string[]): Observation[] {
  return ids.flatMap((id) => {
    const check = checks.get(id);
    if (!check) throw new Error(`there is no check ${id}`);
    return [...check.evaluate(facts)];
  });
}

/** The rows of a corpus file with one JSON text on each line. */
export function corpusRows<Row>(...path: string[]): Row[] {
  return corpusBytes(...path)
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}
