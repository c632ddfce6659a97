import { isJsonObject } from "../../../model/objects/json-object.ts";
import type { Check } from "../../check.ts";
import { cwe, mitre, nsa } from "../../mappings.ts";
import { objectAt, objectsAt } from "../kustomize/json-path.ts";
import { containerCheck } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import type { PodContainer } from "./pod-template.ts";

/** How much of a node containers may take, and whether anybody looks after them. */
export const resourceLimitChecks: readonly Check<ManifestFacts>[] = [
  resources("limits", "memory", {
    id: "manifests/memory-limit",
    title: { pass: "Container has a memory limit", fail: "Container has no memory limit" },
    severity: "medium",
    why: "The container can use all memory of its node, and the kernel then kills other programs.",
  }),
  resources("limits", "cpu", {
    id: "manifests/cpu-limit",
    title: { pass: "Container has a CPU limit", fail: "Container has no CPU limit" },
    severity: "low",
    why: "A compromised container, for example with a crypto miner, can use all CPUs of its node.",
  }),
  resources("requests", "memory", {
    id: "manifests/memory-request",
    title: { pass: "Container has a memory request", fail: "Container has no memory request" },
    severity: "low",
    why: "Without a request, the pod can be scheduled on a node without enough memory, and is evicted first.",
  }),
  resources("requests", "cpu", {
    id: "manifests/cpu-request",
    title: { pass: "Container has a CPU request", fail: "Container has no CPU request" },
    severity: "low",
    why: "Without a request, the pod can be scheduled on a node without enough CPU time, and gets only CPU time that other containers do not use.",
  }),
  probe("livenessProbe", {
    id: "manifests/liveness-probe",
    title: { pass: "Container has a liveness probe", fail: "Container has no liveness probe" },
    why: "Without a liveness probe, a program that hangs is not restarted.",
  }),
  probe("readinessProbe", {
    id: "manifests/readiness-probe",
    title: { pass: "Container has a readiness probe", fail: "Container has no readiness probe" },
    why: "Without a readiness probe, requests are sent to a program that is not ready to handle them.",
  }),
  containerCheck(
    {
      id: "manifests/duplicate-environment",
      title: { pass: "Environment variables are unique", fail: "Environment variable is set twice" },
      severity: "low",
      why: "The last value is used, so a reviewer who sees only the first is misled.",
      remediation: "Remove the values that are overridden.",
      mappings: [cwe("694")],
    },
    ({ path, spec }) => {
      const names = objectsAt(spec, "env").map(([index, { name }]) => ({
        index,
        name,
      }));
      return names
        .filter(({ name }) => names.filter((other) => other.name === name).length > 1)
        .map(({ index }) => ({ path: [...path, "env", index, "name"] }));
    },
  ),
];

function resources(
  kind: "limits" | "requests",
  name: "cpu" | "memory",
  description: Pick<Check<ManifestFacts>, "id" | "title" | "severity" | "why">,
): Check<ManifestFacts> {
  return containerCheck(
    {
      ...description,
      remediation: `Set resources.${kind}.${name} to ${kind === "requests" ? "what the program needs under normal load" : "the maximum that the program needs"}.`,
      mappings: [nsa("Pod security"), mitre("T1496"), cwe("770")],
    },
    (container) => {
      const { path, spec, kind: role } = container;
      if (role === "ephemeral") return [];
      const given = objectAt(spec, "resources");
      // A limit is the request as well where none is given.
      const isSet =
        hasQuantity(given, { kind, name }) || (kind === "requests" && hasQuantity(given, { kind: "limits", name }));
      return isSet ? [] : [{ path: [...path, "resources", kind, name] }];
    },
  );
}

function hasQuantity(
  given: Readonly<Record<string, unknown>>,
  { kind, name }: { kind: string; name: string },
): boolean {
  const value = objectAt(given, kind)[name];
  return value !== undefined && value !== null && value !== "" && value !== 0 && value !== "0";
}

function probe(
  field: "livenessProbe" | "readinessProbe",
  description: Pick<Check<ManifestFacts>, "id" | "title" | "why">,
): Check<ManifestFacts> {
  return containerCheck(
    {
      ...description,
      severity: "low",
      remediation: `Set ${field} to a request that succeeds only if the program is ${field === "livenessProbe" ? "healthy" : "ready"}.`,
      mappings: [cwe("1088")],
    },
    (container, { resource }) => {
      // A container that runs to its end does not need to report that it is ready.
      if (resource.kind === "Job" || resource.kind === "CronJob" || !isLongRunning(container)) return [];
      return isJsonObject(container.spec[field]) ? [] : [{ path: [...container.path, field] }];
    },
  );
}

function isLongRunning({ kind, spec }: PodContainer): boolean {
  return kind === "main" || (kind === "init" && spec["restartPolicy"] === "Always");
}
