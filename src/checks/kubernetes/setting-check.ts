import type { CheckResult } from "../../model/checks/check.ts";
import type {
  KubernetesComponent,
  KubernetesComponentName,
  KubernetesNodeFacts,
} from "../../model/checks/kubernetes-facts.ts";
import type { Check, CheckDescription, Observation } from "../check.ts";
import { cisMappings } from "./cis-ids.ts";
import {
  componentOf,
  findGate,
  findSetting,
  type Setting,
  type SettingPlace,
  settingEvidence,
} from "./find-setting.ts";
import { type Remedy, remediationFor } from "./remediation-for.ts";
import { settingCommands } from "./setting-commands.ts";

/** Texts and weight of a check, in our own words. */
export interface CheckTexts extends Remedy {
  /** Without `kubernetes/`. */
  readonly name: string;
  readonly title: CheckDescription["title"];
  readonly severity: CheckResult["severity"];
  readonly why: string;
}

/** What counts where nothing is set. */
export interface Default {
  /** What the component does then; undefined when it does without. */
  readonly value: string | undefined;
  /** Why, as a clause: `the default since 1.27`. */
  readonly note?: string;
}

/** One setting of a component. */
export interface SettingDescription extends Omit<CheckTexts, "settings"> {
  readonly component: KubernetesComponentName;
  readonly place: SettingPlace | { readonly gate: string };
  /** What would pass, for people. */
  readonly expected: string;
  passes(value: string): boolean;
  /** Without it nothing set never passes. */
  otherwise?(component: KubernetesComponent, facts: KubernetesNodeFacts): Default;
  /** A state and its reason that come before all else: the setting is of no use here, or only a person can tell. */
  before?(
    component: KubernetesComponent,
    facts: KubernetesNodeFacts,
  ): Pick<Observation, "state" | "reason" | "evidence"> | undefined;
  /** The value that passes in every cluster; absent where it depends on the cluster. */
  readonly fix?: string;
  /** A value that does not pass is not wrong, but one that a person must look at. */
  readonly review?: string;
}

/** Where feature gates stand. */
const gates: SettingPlace = { flag: "feature-gates", path: ["featureGates"] };

/** A check of one setting of one component. It does not apply where the component does not run. */
export function settingCheck(description: SettingDescription): Check<KubernetesNodeFacts> {
  const { component: name, place } = description;
  const settings = { component: name, places: ["gate" in place ? gates : place] };
  return nodeCheck({ ...description, settings }, (facts) => {
    const component = componentOf(facts, name);
    if (!component) return [];
    const resource = name;
    const before = description.before?.(component, facts);
    if (before) return [{ resource, ...before }];
    const observation = judgeSetting(description, { component, facts });
    const { fix } = description;
    if (observation.state !== "fail" || fix === undefined || "gate" in place) return [{ resource, ...observation }];
    const commands = settingCommands(component, { facts, fix: { flag: place.flag, value: fix } });
    return [{ resource, ...observation, ...(commands.length > 0 && { commands }) }];
  });
}

/** A check over what a node shows, with its mappings; its remediation is that of who made the cluster. */
export function nodeCheck(
  { name, title, severity, why, ...remedy }: CheckTexts,
  evaluate: (facts: KubernetesNodeFacts) => Iterable<Observation>,
  needs: Check<KubernetesNodeFacts>["needs"] = ["components"],
): Check<KubernetesNodeFacts> {
  const { remediation } = remedy;
  return {
    id: `kubernetes/${name}`,
    title,
    severity,
    why,
    remediation,
    mappings: cisMappings(name),
    needs,
    *evaluate(facts) {
      const here = remediationFor(remedy, facts);
      for (const observation of evaluate(facts)) yield { ...observation, remediation: here };
    },
  };
}

function judgeSetting(
  description: SettingDescription,
  { component, facts }: { readonly component: KubernetesComponent; readonly facts: KubernetesNodeFacts },
): Observation {
  const { place, expected, review } = description;
  const setting: Setting = "gate" in place ? findGate(component, place.gate) : findSetting(component, place);
  const subject = "gate" in place ? `feature gate ${place.gate}` : `--${place.flag}`;
  if (setting.kind === "unknown") {
    return { state: "warn", reason: setting.reason, evidence: [{ subject, expected }] };
  }
  if (setting.kind === "set") {
    const passes = description.passes(setting.value);
    const evidence = [settingEvidence(subject, { setting, expected })];
    if (passes) return { state: "pass", evidence };
    return review === undefined ? { state: "fail", evidence } : { state: "manual", reason: review, evidence };
  }
  const fallback = description.otherwise?.(component, facts);
  const shown =
    fallback?.value === undefined ? "not set" : `not set: ${fallback.value} (${fallback.note ?? "the default"})`;
  const passes = fallback?.value !== undefined && description.passes(fallback.value);
  return {
    state: passes ? "pass" : "fail",
    evidence: [settingEvidence(subject, { setting, expected, otherwise: shown })],
  };
}
