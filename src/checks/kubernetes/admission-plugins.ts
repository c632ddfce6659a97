import type { KubernetesComponent, KubernetesNodeFacts } from "../../model/checks/kubernetes-facts.ts";
import type { Check, Observation } from "../check.ts";
import { componentOf, elementsOf, findSetting, settingEvidence } from "./find-setting.ts";
import { type CheckTexts, nodeCheck } from "./setting-check.ts";

/**
 * Plug-ins that the API server runs unless they are switched off. Source: Kubernetes, "Admission Controllers
 * Reference".
 */
const onByDefault: ReadonlySet<string> = new Set([
  "NamespaceLifecycle",
  "ServiceAccount",
  "PodSecurity",
  "LimitRanger",
]);

/** A check that a plug-in of the API server is on, or is off. */
export function pluginCheck(
  texts: CheckTexts,
  { plugin, wanted }: { readonly plugin: string; readonly wanted: "on" | "off" },
): Check<KubernetesNodeFacts> {
  return nodeCheck({ ...texts, settings: { component: "kube-apiserver" } }, (facts) => {
    const component = componentOf(facts, "kube-apiserver");
    return component ? [observe(component, { plugin, wanted })] : [];
  });
}

/** Whether a plug-in that runs unless it is switched off is switched off. */
export function observeDisabled(component: KubernetesComponent, plugin: string): Observation {
  const setting = findSetting(component, { flag: "disable-admission-plugins", list: true });
  const resource = "kube-apiserver";
  const shown = { setting, expected: `without ${plugin}`, otherwise: "not set" };
  const evidence = [settingEvidence("--disable-admission-plugins", shown)];
  if (setting.kind === "unknown") return { state: "warn", resource, reason: setting.reason, evidence };
  const isOff = setting.kind === "set" && elementsOf(setting.value).includes(plugin);
  return { state: isOff ? "fail" : "pass", resource, evidence };
}

function observe(
  component: KubernetesComponent,
  { plugin, wanted }: { readonly plugin: string; readonly wanted: "on" | "off" },
): Observation {
  const enabled = findSetting(component, { flag: "enable-admission-plugins", list: true });
  const disabled = findSetting(component, { flag: "disable-admission-plugins", list: true });
  const listed = (setting: typeof enabled): boolean =>
    setting.kind === "set" && elementsOf(setting.value).includes(plugin);
  const resource = "kube-apiserver";
  const expected = `${wanted === "on" ? "with" : "without"} ${plugin}`;
  // Where some flags are not known, a plug-in that is named in neither list may be on, and one that is on may be
  // switched off.
  const isPerhapsOn = enabled.kind === "unknown" && !listed(disabled);
  const isPerhapsOff = disabled.kind === "unknown" && (listed(enabled) || onByDefault.has(plugin));
  const unknown = [isPerhapsOn ? enabled : undefined, isPerhapsOff ? disabled : undefined].find((one) => one);
  if (unknown?.kind === "unknown") {
    const subject = isPerhapsOn ? "--enable-admission-plugins" : "--disable-admission-plugins";
    return { state: "warn", resource, reason: unknown.reason, evidence: [{ subject, expected }] };
  }
  const isOn = !listed(disabled) && (listed(enabled) || onByDefault.has(plugin));
  const isDefault = isOn && !listed(enabled);
  const value = enabled.kind === "set" ? enabled.value : "not set";
  return {
    state: isOn === (wanted === "on") ? "pass" : "fail",
    resource,
    evidence: [
      {
        subject: "--enable-admission-plugins",
        value: isDefault ? `${value} (${plugin} is on by default)` : value,
        // A plug-in that is switched off stays off whatever else is on.
        ...(!(wanted === "on" && listed(disabled)) && { expected }),
      },
      ...(disabled.kind === "set"
        ? [
            {
              ...{ subject: "--disable-admission-plugins", value: disabled.value },
              ...(wanted === "on" && { expected: `without ${plugin}` }),
            },
          ]
        : []),
    ],
  };
}
