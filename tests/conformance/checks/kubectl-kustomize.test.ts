import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ManifestResource } from "../../../src/checks/manifests/manifest-resource.ts";
import { manifestTreeSteps } from "../../../src/checks/manifests/reading/manifest-tree-steps.ts";
import { readManifests } from "../../../src/checks/manifests/reading/read-manifests.ts";
import type { JsonObject } from "../../../src/model/objects/json-object.ts";
import type { Problem } from "../../../src/model/reports/problem.ts";
import { Chance } from "./generated-manifests.ts";

const trees = 80;
const atOnce = 2;
const hasKubectl = spawnSync("kubectl", ["version", "--client"], { timeout: 20_000 }).status === 0;

type Tree = Readonly<Record<string, string>>;

describe.skipIf(!hasKubectl)(
  `kustomizations beside kubectl${hasKubectl ? "" : " (skipped: kubectl is not installed)"}`,
  () => {
    test("every pod that kubectl renders is checked as rendered, or there is a problem", {
      timeout: 300_000,
    }, async () => {
      const chance = new Chance(56);
      const generated = Array.from({ length: trees }, () => generatedTree(chance));
      const wrong: unknown[] = [];
      const unknown: string[] = [];
      let compared = 0;
      for (let at = 0; at < trees; at += atOnce) {
        await Promise.all(
          generated.slice(at, at + atOnce).map(async (tree) => {
            const output = await kubectlKustomize(tree);
            if (output === undefined) return;
            const ours = render(tree);
            compared++;
            if (ours.problems.length > 0) {
              unknown.push(ours.problems.map(({ message }) => message).join());
              return;
            }
            const known = new Set(podsOf(ours.resources));
            const missing = podsOf(readManifests(output, { path: "kubectl", problem: fail }).resources).filter(
              (pod) => !known.has(pod),
            );
            if (missing.length > 0) wrong.push({ tree, missing, ours: [...known] });
          }),
        );
      }
      expect(wrong).toEqual([]);
      // By decision 56 a patch without effect is a problem, where kustomize says nothing.
      const others = unknown.filter(
        (messages) => !/a patch (?:matches no resource|cannot be applied to (?:ConfigMap|Secret))/.test(messages),
      );
      expect(others).toEqual([]);
      expect(unknown.length).toBeLessThan(compared / 3);
      expect(compared).toBeGreaterThan(trees / 2);
    });
  },
);

function fail({ message }: Problem): never {
  throw new Error(message);
}

function render(tree: Tree): { resources: readonly ManifestResource[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const files = new Map(Object.entries(tree).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const steps = manifestTreeSteps(files, { problem: (problem) => problems.push(problem) });
  for (;;) {
    const step = steps.next();
    if (step.done) return { resources: step.value.resources, problems };
  }
}

/** What `kubectl kustomize` renders of the overlay; undefined where it refuses. */
async function kubectlKustomize(tree: Tree): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-kustomize-"));
  try {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const env = { ...process.env, KUBECONFIG: join(folder, "none") };
    return await new Promise((resolve) => {
      execFile("kubectl", ["kustomize", join(folder, "overlay")], { env, timeout: 60_000 }, (error, stdout) =>
        resolve(error ? undefined : stdout),
      );
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The pods of resources with the names that they have and all that they are made of. */
function podsOf(resources: readonly ManifestResource[]): string[] {
  return resources
    .filter(({ pod }) => pod !== undefined)
    .map(({ kind, name, namespace, object }) => canonical({ kind, name, namespace, spec: object["spec"] }));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const kinds = ["Deployment", "DaemonSet", "Pod", "CronJob", "Job"] as const;
const names = ["web", "api", "job"] as const;

function generatedTree(chance: Chance): Tree {
  const base = Array.from({ length: 1 + chance.below(3) }, (_, index) => workload(chance, names[index] ?? "other"));
  const first = base[chance.below(base.length)] ?? workload(chance, "web");
  const second = base[chance.below(base.length)] ?? first;
  const overlay: Record<string, unknown> = { resources: ["../base"], ...settings(chance, "overlay") };
  const patches = [
    { patch: JSON.stringify(strategicPatch(chance, first)) },
    { path: "patch.yaml" },
    { target: { kind: "Deployment|DaemonSet" }, patch: JSON.stringify(jsonPatch(chance)) },
    {
      target: { kind: String(second["kind"]), name: `${nameOf(second)}.*` },
      patch: JSON.stringify(labelPatch(chance)),
    },
    { target: { labelSelector: "tier=front" }, patch: JSON.stringify(labelPatch(chance)) },
    { target: { LabelSelector: "tier!=front" }, patch: JSON.stringify(labelPatch(chance)) },
  ].filter(() => chance.below(2) === 0);
  if (patches.length > 0) overlay["patches"] = patches;
  const hasComponent = chance.below(2) === 0;
  if (hasComponent) overlay["components"] = ["../component"];
  const isPatched = patches.some((patch) => "path" in patch);
  return {
    "base/kustomization.yaml": JSON.stringify({ resources: ["all.yaml"], ...settings(chance, "base") }),
    "base/all.yaml": base.map((object) => JSON.stringify(object)).join("\n---\n"),
    "overlay/kustomization.yaml": JSON.stringify(overlay),
    ...(isPatched ? { "overlay/patch.yaml": JSON.stringify(strategicPatch(chance, second)) } : {}),
    ...(hasComponent
      ? {
          "component/kustomization.yaml": JSON.stringify({
            apiVersion: "kustomize.config.k8s.io/v1alpha1",
            kind: "Component",
            ...settings(chance, "component"),
          }),
        }
      : {}),
  };
}

function settings(chance: Chance, from: string): JsonObject {
  const all: JsonObject = {
    images: [
      chance.of([
        { name: "reg.test/a", newTag: "9" },
        { name: "b", newName: "reg.test/c", digest: "sha256:0" },
      ]),
    ],
    namePrefix: `${from}-`,
    nameSuffix: "-x",
    namespace: `ns-${from}`,
    commonAnnotations: { from },
    // Kustomize changes the values of one label together when layers share its key.
    labels: [{ pairs: { [`from-${from}`]: from }, includeSelectors: chance.below(2) === 0 }],
    configMapGenerator: [{ name: `conf-${from}`, literals: ["A=b"] }],
    secretGenerator: [{ name: `secret-${from}`, literals: ["A=b"] }],
  };
  // The base keeps its names, by which patches of the overlay find it.
  const left = Object.entries(all).filter(
    ([key]) => chance.below(3) === 0 && (from === "overlay" || !/^name/.test(key)),
  );
  return Object.fromEntries(left.map(([key, value]) => [chance.below(6) === 0 ? key.toUpperCase() : key, value]));
}

function workload(chance: Chance, name: string): JsonObject {
  const kind = chance.of([...kinds]);
  const labels = { app: name, tier: chance.of(["front", "back"]) };
  const pod: JsonObject = {
    containers: [
      { name: "main", image: chance.of(["reg.test/a:1", "b", "b:2@sha256:1", "d:3"]), ...security(chance) },
      ...(chance.below(2) === 0 ? [{ name: "side", image: "b:1" }] : []),
    ],
    ...(chance.below(3) === 0 ? { initContainers: [{ name: "init", image: "reg.test/a", ...security(chance) }] } : {}),
    ...(chance.below(3) === 0 ? { hostNetwork: true } : {}),
  };
  const template = { metadata: { labels }, spec: pod };
  const selector = { matchLabels: { app: name } };
  const metadata = { name, labels };
  if (kind === "Pod") return { apiVersion: "v1", kind, metadata, spec: pod };
  if (kind === "Job") return { apiVersion: "batch/v1", kind, metadata, spec: { template } };
  if (kind === "CronJob")
    return { apiVersion: "batch/v1", kind, metadata, spec: { jobTemplate: { spec: { template } } } };
  return { apiVersion: "apps/v1", kind, metadata, spec: { selector, template } };
}

function security(chance: Chance): JsonObject {
  return chance.below(2) === 0 ? {} : { securityContext: { privileged: chance.below(2) === 0, runAsUser: 1 } };
}

function nameOf(object: JsonObject): string {
  const { metadata } = object;
  return typeof metadata === "object" && metadata !== null && "name" in metadata ? String(metadata.name) : "";
}

function strategicPatch(chance: Chance, object: JsonObject): JsonObject {
  const pod = chance.of<JsonObject>([
    { containers: [{ name: "main", securityContext: { privileged: true } }] },
    { containers: [{ name: "added", image: "b:5", securityContext: { privileged: true } }] },
    { containers: [{ name: "side", $patch: "delete" }], hostPID: true },
    { containers: [{ name: "main", securityContext: null }], hostNetwork: null },
    { $patch: "replace", containers: [{ name: "only", image: "b" }] },
  ]);
  const { apiVersion, kind } = object;
  const template = { template: { spec: pod } };
  const spec = kind === "Pod" ? pod : kind === "CronJob" ? { jobTemplate: { spec: template } } : template;
  return { apiVersion, kind, metadata: { name: nameOf(object) }, spec };
}

function jsonPatch(chance: Chance): readonly JsonObject[] {
  const container = "/spec/template/spec/containers/0";
  return [
    chance.of<JsonObject>([
      { op: "add", path: `${container}/securityContext`, value: { privileged: true } },
      { op: "replace", path: `${container}/image`, value: "b:8" },
      { op: "add", path: "/spec/template/spec/containers/-", value: { name: "last", image: "b" } },
      { op: "add", path: "/spec/template/spec/hostPID", value: true },
      { op: "copy", from: container, path: "/spec/template/spec/containers/1" },
    ]),
  ];
}

function labelPatch(chance: Chance): readonly JsonObject[] {
  return [{ op: "add", path: "/metadata/labels/tier", value: chance.of(["front", "back"]) }];
}
