import { isJsonObject } from "../../model/json-object.ts";
import type { Check } from "../check.ts";
import { cwe, mitre, nsa } from "../mappings.ts";
import { objectAt, objectsAt } from "./json-path.ts";
import { containerCheck } from "./manifest-check.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
import type { PodContainer } from "./pod-template.ts";

/** How much of a node containers may take, and whether anybody looks after them. */
export const resourceLimitChecks: readonly Check<ManifestFacts>[] = [
  resources("limits", "memory", {
    id: "manifests/memory-limit",
    title: "Containers have a limit of memory",
    severity: "medium",
    why: "A container without one can take all memory of its node, and the kernel then ends the programs of others.",
  }),
  resources("limits", "cpu", {
    id: "manifests/cpu-limit",
    title: "Containers have a limit of processor time",
    severity: "low",
    why: "A container without one can take all processors of its node while it is misused, for mining or an attack.",
  }),
  resources("requests", "memory", {
    id: "manifests/memory-request",
    title: "Containers ask for the memory that they need",
    severity: "low",
    why: "Without a request, pods are put on nodes that cannot carry them, and are the first to be ended there.",
  }),
  resources("requests", "cpu", {
    id: "manifests/cpu-request",
    title: "Containers ask for the processor time that they need",
    severity: "low",
    why: "Without a request, pods are put on nodes that cannot carry them, and get what others leave.",
  }),
  probe("livenessProbe", {
    id: "manifests/liveness-probe",
    title: "Containers have a liveness probe",
    why: "Without one, a program that hangs, or was made to hang, is not started again.",
  }),
  probe("readinessProbe", {
    id: "manifests/readiness-probe",
    title: "Containers have a readiness probe",
    why: "Without one, requests go to a program that cannot answer them yet, or no more.",
  }),
  containerCheck(
    {
      id: "manifests/duplicate-environment",
      title: "No variable of a container is set twice",
      severity: "low",
      why: "The last one holds: a review that finds the first one is misled.",
      remediation: "Remove the ones that do not hold.",
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
      remediation: `Set resources.${kind}.${name} to what the program needs at most${kind === "requests" ? " in ordinary times" : ""}.`,
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
      remediation: `Set ${field} to a request that only a program in order answers.`,
      mappings: [cwe("1088")],
    },
    (container, { resource }) => {
      // What runs to its end has nobody who waits for it to be ready.
      if (resource.kind === "Job" || resource.kind === "CronJob" || !isLongRunning(container)) return [];
      return isJsonObject(container.spec[field]) ? [] : [{ path: [...container.path, field] }];
    },
  );
}

function isLongRunning({ kind, spec }: PodContainer): boolean {
  return kind === "main" || (kind === "init" && spec["restartPolicy"] === "Always");
}
