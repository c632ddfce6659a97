import type { JsonPath } from "../manifests/kustomize/json-path.ts";
import type { PodContainer, PodTemplate } from "../manifests/pods/pod-template.ts";

/** Why a pod does not keep to a standard, in the words of Kubernetes' own admission. */
export interface PodViolation {
  /** Short: `privileged`. */
  readonly reason: string;
  /** `container "web" must not set securityContext.privileged=true`; may be empty. */
  readonly detail: string;
  /** The fields that do it, or that should be there, from the root of the resource. */
  readonly places: readonly JsonPath[];
}

/** One revision of a check. Undefined: the pod keeps to it. */
export type PodRule = (pod: PodTemplate) => PodViolation | undefined;

/** `container "a"`, `containers "a", "b"`. */
export function containersText(containers: readonly PodContainer[]): string {
  return `${plural("container", containers.length)} ${quoted(containers.map(({ name }) => name))}`;
}

/** `pod and containers "a", "b"`, of those that are there. */
export function settersText(podDoes: boolean, containers: readonly PodContainer[]): string {
  return [...(podDoes ? ["pod"] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(" and ");
}

/** A word for one thing, or with an `s` for several or none. */
export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `"a", "b"`. */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(", ");
}

/** Without repetition, in the order of their bytes. */
export function sortedSet(items: Iterable<string>): string[] {
  return [...new Set(items)].sort();
}
