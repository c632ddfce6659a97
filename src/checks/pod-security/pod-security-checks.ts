import type { Check, Observation } from "../check.ts";
import { failed, passed } from "../manifests/manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifests/manifest-resource.ts";
import { type PodSecurityPolicy, withVolumeDefaults } from "./pod-security-policy.ts";
import { podSecurityRules } from "./pod-security-rules.ts";
import { podSecurityTexts } from "./pod-security-texts.ts";
import type { PodRule } from "./violation.ts";

/**
 * The checks of a Pod Security Standard, `pss/ID` with the ids of Kubernetes. Each is about every pod, and every
 * resource that makes pods; its reason is what an API server would say.
 */
export function podSecurityChecks(policy: PodSecurityPolicy): readonly Check<ManifestFacts>[] {
  return podSecurityRules(policy).map(({ id, rule }) => ({
    id: `pss/${id}`,
    ...podSecurityTexts[id],
    needs: [],
    *evaluate({ resources }): Iterable<Observation> {
      for (const resource of resources) {
        if (resource.pod) yield observe(resource, rule);
      }
    },
  }));
}

function observe(resource: ManifestResource, rule: PodRule): Observation {
  const violation = resource.pod && rule(withVolumeDefaults(resource.pod));
  if (!violation) return passed(resource);
  const { reason, detail, places } = violation;
  return failed(resource, {
    places: places.map((path) => ({ path })),
    reason: detail === "" ? reason : `${reason} (${detail})`,
  });
}
