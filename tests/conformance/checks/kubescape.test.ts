import { expect, test } from "vitest";
import type { Observation } from "../../../src/checks/check.ts";
import { describeWithCorpus } from "../../setup/corpus.ts";
import { kubescapeCasesLeftOut } from "../../setup/kubescape-left-out.ts";
import { kubescapeRules, reviewedKubescapeCases } from "../../setup/kubescape-rules.ts";
import { corpusRows, observe, readFiles } from "../../setup/manifest-cases.ts";

interface Finding {
  failedPaths: string[] | null;
  fixPaths: { path: string }[] | null;
  objects: { kind: string; name: string }[] | null;
}

interface Case {
  id: string;
  rule: string;
  inputs: Record<string, string>;
  expect: { failed: boolean; findings: Finding[] };
}

describeWithCorpus("manifest cases of kubescape", () => {
  const cases = corpusRows<Case>("hardening", "kubescape-cases", "cases.jsonl");
  const ours = cases.filter(({ rule }) => kubescapeRules[rule] !== undefined);

  test("every case fails the same resources at the same fields", () => {
    const different = ours.map((one) => [one.id, difference(one)] as const).filter(([, text]) => text !== "");
    expect(different.map(([id]) => id).sort()).toEqual(Object.keys(reviewedKubescapeCases).sort());
    expect(ours.length).toBe(474);
  });

  test("every other case is listed with the reason why no check of manifests answers it", () => {
    const leftOut = cases.filter(({ rule }) => kubescapeRules[rule] === undefined).map(({ id }) => id);
    const listed = kubescapeCasesLeftOut.flatMap(({ cases: byRule }) =>
      Object.entries(byRule).flatMap(([rule, names]) => names.split(" ").map((name) => `${rule}/${name}`)),
    );
    expect(listed.sort()).toEqual(leftOut.sort());
    expect(cases.length).toBe(712);
  });
});

function difference({ rule, inputs, expect: { findings, failed } }: Case): string {
  const { ids, subject, isAboutPresence = false, ignored } = kubescapeRules[rule] ?? { ids: [] };
  const files = Object.fromEntries(
    Object.entries(inputs).filter(([name]) => name.startsWith("input") || !name.endsWith("data.json")),
  );
  const { facts } = readFiles(files);
  const failures = observe(facts, ids)
    .filter(({ state }) => state === "fail" || state === "manual")
    .map((one) => ({ ...one, evidence: one.evidence.filter((item) => !subject || subject.test(item.subject)) }))
    .filter(({ evidence }) => evidence.length > 0);
  if (failures.length > 0 !== failed)
    return failed
      ? "it should fail"
      : `it should pass, and fails: ${failures.map(({ resource }) => resource).join(", ")}`;
  const wrong: string[] = [];
  const named = findings.flatMap(({ objects }) => objects ?? []).map(({ kind, name }) => `${kind} ${name}`);
  const failing = new Set(failures.map(nameOf));
  if (named.length > 0) {
    for (const name of new Set(named)) if (!failing.has(name)) wrong.push(`${name} should fail`);
    for (const name of failing) if (!named.includes(name)) wrong.push(`${name} should pass`);
  }
  if (isAboutPresence) return wrong.join("; ");
  for (const { failedPaths, fixPaths, objects } of findings) {
    const [about] = objects ?? [];
    const subjects = failures
      .filter((one) => !about || nameOf(one) === `${about.kind} ${about.name}`)
      .flatMap(({ evidence }) => evidence.map((item) => item.subject));
    const expected = [...(failedPaths ?? []), ...(fixPaths ?? []).map(({ path }) => path)]
      .map(withoutObject)
      .filter((path) => path !== "" && !ignored?.test(path));
    for (const path of expected)
      if (!subjects.some((one) => isSameField(one, path)))
        wrong.push(`${path} should be told, not ${subjects.join(" ")}`);
  }
  return wrong.join("; ");
}

/** The resource, without its namespace and the container. */
function nameOf({ resource = "" }: Observation): string {
  return resource.replace(/ container .*$/, "").replace(/ (?:[^ /]+\/)?/, " ");
}

/** Paths in related objects begin with which object it is. */
function withoutObject(path: string): string {
  return path.replace(/^relatedObjects\[\d+\]\./, "").replace(/\[([A-Za-z_][\w-]*)\]/g, ".$1");
}

/** Equal, or one is within the other: what lacks in a list, and the list. */
function isSameField(one: string, other: string): boolean {
  const [short = "", long = ""] = one.length < other.length ? [one, other] : [other, one];
  return short === long || (long.startsWith(short) && /^[.[]/.test(long.slice(short.length)));
}
