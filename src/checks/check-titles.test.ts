import { expect, test } from "vitest";
import type { Check, CheckDescription } from "./check.ts";
import { titleFor } from "./check-title.ts";
import { dockerChecks } from "./docker/docker-checks.ts";
import { dockerfileChecks } from "./dockerfile/builtin.ts";
import { imageChecks } from "./image/builtin.ts";
import { kubernetesClusterChecks, kubernetesNodeChecks } from "./kubernetes/kubernetes-checks.ts";
import { hostChecks } from "./linux/host-checks.ts";
import { manifestChecks } from "./manifests/manifest-checks.ts";
import { podSecurityTexts } from "./pod-security/pod-security-texts.ts";
import { runChecks } from "./run-checks.ts";

const all: readonly CheckDescription[] = [
  ...[...dockerChecks, ...dockerfileChecks, ...hostChecks, ...imageChecks, ...manifestChecks],
  ...[...kubernetesClusterChecks, ...kubernetesNodeChecks],
  ...Object.entries(podSecurityTexts).map(([id, text]) => ({ id: `pss/${id}`, ...text })),
];

const titled = all.map(({ id, title }) => ({ id, ...title }));
const titles = titled.flatMap(({ id, pass, fail }) => [`${id}: ${pass}`, `${id}: ${fail}`]);

/** Names that are written in lower case wherever they stand. */
const lowerCaseNames = new Set([
  "apt-get",
  "cluster-admin",
  "containerd",
  "docker",
  "docker.service",
  "docker.socket",
  "dockerd",
  "etcd",
  "git-sync",
  "io_uring",
  "k3s",
  "kube-proxy",
  "kubectl",
  "pip",
  "sshd",
  "sudo",
  "useradd",
]);

/** Wordings that docs/glossary.md and this project's language rules replace. */
const unwelcome =
  /\b(?:is|are) told\b|\b(?:was|were) meant\b|\bstrangers?\b|\blets?\b[^:]*\b(?:in|them|one)$|\bnobody\b|\bwhom\b|\bby hand\b|\bof one's\b|\bis no\b|\bare no\b|\bhas none\b|\bhave none\b|\bshould\b|\bwanted\b|\bof its own\b|\bof their own\b|\bwhoever\b|\bheld against\b|\bas one likes\b/i;

test("every check has two different titles", () => {
  expect(all.length).toBeGreaterThan(700);
  const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  expect(titled.filter(({ pass, fail }) => letters(pass) === letters(fail))).toEqual([]);
});

test("titles are clauses of at most 80 characters that begin with a capital, a path or a lower-case name", () => {
  const wrong = titles.filter((line) => {
    const title = line.slice(line.indexOf(": ") + 2);
    const [word = ""] = title.split(/[ ']/, 1);
    return (
      title !== title.trim() ||
      title.length > 80 ||
      !(/^[\p{Lu}/]/u.test(word) || lowerCaseNames.has(word)) ||
      /[.;:,]$|\. |\s\s|\n/.test(title)
    );
  });
  expect(wrong).toEqual([]);
});

test("a failure says what is there, and no pass is a failure with a word before it", () => {
  const wrong = titled.filter(({ pass, fail }) => {
    if (/^(?:Not|No longer)\b/.test(fail)) return true;
    const bare = (text: string): string => text.replace(/^(?:No|Not) /, "").toLowerCase();
    return bare(pass) === bare(fail);
  });
  expect(wrong).toEqual([]);
});

test("titles use the terms of the field", () => {
  expect(titles.filter((line) => unwelcome.test(line))).toEqual([]);
});

test("no two checks of one command have the same title", () => {
  const commands = Map.groupBy(titled, ({ id }) => id.split("/", 1)[0] ?? "");
  for (const those of commands.values()) {
    for (const state of ["pass", "fail"] as const) {
      const seen = those.map((one) => one[state]);
      expect(seen.filter((title, index) => seen.indexOf(title) !== index)).toEqual([]);
    }
  }
});

test("a result has the title of its state", () => {
  const title = { pass: "Container does not run as root", fail: "Container runs as root" };
  const check: Check<object> = {
    ...{ id: "a", title, severity: "high", why: "", remediation: "", mappings: [], needs: [] },
    evaluate: () => [
      { state: "pass", evidence: [] },
      { state: "fail", evidence: [] },
      { state: "manual", evidence: [] },
    ],
  };
  expect(runChecks([check], {}).map((result) => result.title)).toEqual([title.pass, title.fail, title.pass]);
  expect(titleFor(title, "waived")).toBe(title.fail);
  expect(titleFor(title, "warn")).toBe(title.pass);
  expect(titleFor(title, "not-applicable")).toBe(title.pass);
});
