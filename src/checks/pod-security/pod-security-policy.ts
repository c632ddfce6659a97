import type { JsonObject } from "../../model/objects/json-object.ts";
import { objectsAt } from "../manifests/kustomize/json-path.ts";
import type { PodTemplate } from "../manifests/pods/pod-template.ts";

/** How much the Pod Security Standards ask for, from nothing on. */
export type PodSecurityLevel = "privileged" | "baseline" | "restricted";

/** Which standard: a level, as of a minor version of Kubernetes 1, or as of the newest that is known. */
export interface PodSecurityPolicy {
  readonly level: PodSecurityLevel;
  readonly version: number | "latest";
}

const levels: readonly string[] = ["privileged", "baseline", "restricted"] satisfies PodSecurityLevel[];
const policyPattern = /^(?<level>[a-z]+)(?:[@:](?<version>latest|v?1\.(?<minor>0|[1-9][0-9]{0,3})))?$/;

/**
 * `restricted@1.29`, `baseline@latest`, `restricted` or, as an API server prints it, `restricted:v1.29`; undefined for
 * anything else.
 */
export function parsePodSecurityPolicy(text: string): PodSecurityPolicy | undefined {
  const { level, minor } = policyPattern.exec(text)?.groups ?? {};
  if (level === undefined || !isPodSecurityLevel(level)) return undefined;
  return { level, version: minor === undefined ? "latest" : Number(minor) };
}

/** True for the name of a level. */
export function isPodSecurityLevel(text: string): text is PodSecurityLevel {
  return levels.includes(text);
}

/** An API server gives a volume without a source an empty directory before it looks. */
export function withVolumeDefaults(pod: PodTemplate): PodTemplate {
  const volumes = objectsAt(pod.spec, "volumes");
  if (volumes.every(([, volume]) => hasSource(volume))) return pod;
  const defaulted = volumes.map(([, volume]) => (hasSource(volume) ? volume : { ...volume, emptyDir: {} }));
  return { ...pod, spec: { ...pod.spec, volumes: defaulted } };
}

function hasSource(volume: JsonObject): boolean {
  return Object.entries(volume).some(([key, value]) => key !== "name" && value !== undefined && value !== null);
}
