import { expect, test } from "vitest";
import type { CheckDescription } from "./check.ts";
import { dockerChecks } from "./docker/docker-checks.ts";
import { dockerfileChecks } from "./dockerfile/builtin.ts";
import { imageChecks } from "./image/builtin.ts";
import { kubernetesClusterChecks, kubernetesNodeChecks } from "./kubernetes/kubernetes-checks.ts";
import { hostChecks } from "./linux/host-checks.ts";
import { manifestChecks } from "./manifests/manifest-checks.ts";
import { podSecurityTexts } from "./pod-security/pod-security-texts.ts";

/** Names that are written small wherever they stand. */
const smallNames = new Set([
  "apt-get",
  "cluster-admin",
  "containerd",
  "dockerd",
  "etcd",
  "git-sync",
  "io_uring",
  "useradd",
]);

test("every title begins with a capital, a path or a name that is written small, and is one clause", () => {
  const checks: readonly Pick<CheckDescription, "title">[] = [
    ...[...dockerChecks, ...dockerfileChecks, ...hostChecks, ...imageChecks, ...manifestChecks],
    ...[...kubernetesClusterChecks, ...kubernetesNodeChecks, ...Object.values(podSecurityTexts)],
  ];
  const titles = checks.map(({ title }) => title);
  expect(titles.length).toBeGreaterThan(600);
  const wrong = titles.filter((title) => {
    const [word = ""] = title.split(/ |'s /, 1);
    return !(/^[\p{Lu}/]/u.test(word) || smallNames.has(word)) || title.endsWith(".");
  });
  expect(wrong).toEqual([]);
});
