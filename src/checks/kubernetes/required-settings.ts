import type { KubernetesComponentName, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { componentOf, findSetting, type SettingPlace, settingEvidence } from "./find-setting.ts";
import { type CheckTexts, nodeCheck, type SettingDescription } from "./setting-check.ts";

/** A check that each of some settings of a component names a file. `before` decides where they are of no use. */
export function requiredSettings(
  name: KubernetesComponentName,
  places: readonly SettingPlace[],
  { before, ...texts }: Omit<CheckTexts, "settings"> & Pick<SettingDescription, "before">,
): Check<KubernetesNodeFacts> {
  return nodeCheck({ ...texts, settings: { component: name, places } }, (facts): readonly Observation[] => {
    const component = componentOf(facts, name);
    if (!component) return [];
    const decided = before?.(component, facts);
    if (decided) return [{ resource: name, ...decided }];
    const settings = places.map((place) => ({ place, setting: findSetting(component, place) }));
    const unknown = settings.flatMap(({ setting }) => (setting.kind === "unknown" ? [setting.reason] : []));
    const evidence = settings.map(({ place, setting }) =>
      settingEvidence(`--${place.flag}`, { setting, expected: "a file", otherwise: "not set" }),
    );
    const [reason] = unknown;
    if (reason !== undefined) return [{ state: "warn", resource: name, reason, evidence }];
    const isSet = settings.every(({ setting }) => setting.kind === "set" && setting.value !== "");
    return [{ state: isSet ? "pass" : "fail", resource: name, evidence }];
  });
}
