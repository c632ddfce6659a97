import type { JsonObject } from "../../../model/objects/json-object.ts";
import { parseReference } from "../../../model/packages/reference.ts";
import type { Check } from "../../check.ts";
import { cwe, mitre } from "../../mappings.ts";
import { type JsonPath, objectAt, objectsAt, textAt } from "../kustomize/json-path.ts";
import { kindCheck, manifestCheck, podCheck } from "../manifest-check.ts";
import type { ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { isBinding, roleRef, subjectsOf } from "../rbac/rbac-grants.ts";
import type { PodTemplate } from "./pod-template.ts";

const appLabels = ["app", "k8s-app", "name", "app.kubernetes.io/name"];

/** Programs that are a risk wherever they run, and fields that only some programs make dangerous. */
export const knownSoftwareChecks: readonly Check<ManifestFacts>[] = [
  podCheck(
    {
      id: "manifests/tiller",
      title: { pass: "Tiller (Helm 2) does not run", fail: "Tiller (Helm 2) runs" },
      severity: "critical",
      why: "Everyone who can reach Tiller has its permissions, usually cluster-admin. Tiller has had no fixes since 2020.",
      remediation: "Use Helm 3 or later, which has no server, and remove Tiller.",
      mappings: [mitre("T1072"), cwe("306")],
    },
    (pod, { resource }) => {
      const places = [
        ...imagePlaces(pod, (name) => name === "tiller"),
        ...labelPlaces(pod, { resource, isWanted: isTiller }),
      ];
      return places.length > 0 ? [{ places: places.map((path) => ({ path })) }] : [];
    },
  ),
  kindCheck(
    {
      id: "manifests/tiller-service",
      title: { pass: "Service does not expose Tiller (Helm 2)", fail: "Service exposes Tiller (Helm 2)" },
      severity: "critical",
      why: "Everyone who can reach Tiller has its permissions, usually cluster-admin.",
      remediation: "Use Helm 3 or later, which has no server, and remove Tiller.",
      mappings: [mitre("T1072"), cwe("306")],
    },
    ["Service"],
    {
      examine({ name, object }) {
        const labels = objectAt(objectAt(object, "metadata"), "labels");
        const selector = objectAt(objectAt(object, "spec"), "selector");
        const places: JsonPath[] = [
          ...(/^tiller(?:-deploy)?$/.test(name) ? [["metadata", "name"]] : []),
          ...fittingLabels(labels, isTiller).map((key) => ["metadata", "labels", key]),
          ...fittingLabels(selector, isTiller).map((key) => ["spec", "selector", key]),
        ];
        return places.length > 0 ? [{ places: places.map((path) => ({ path })) }] : [];
      },
    },
  ),
  podCheck(
    {
      id: "manifests/dashboard",
      title: { pass: "Kubernetes Dashboard does not run", fail: "Kubernetes Dashboard runs" },
      severity: "medium",
      why: "Attackers have used exposed dashboards and their service accounts to enter clusters.",
      remediation: "Use a local client. If the dashboard must run, limit its permissions and do not expose it.",
      mappings: [mitre("T1133"), cwe("306")],
    },
    (pod, { resource }) => {
      const places = [
        ...imagePlaces(pod, (name) => name === "kubernetes-dashboard" || name.startsWith("kubernetes-dashboard-")),
        ...labelPlaces(pod, { resource, isWanted: isDashboard }),
      ];
      return places.length > 0 ? [{ places: places.map((path) => ({ path })) }] : [];
    },
  ),
  podCheck(
    {
      id: "manifests/dashboard-account",
      title: { pass: "Pod does not use the account of the dashboard", fail: "Pod uses the account of the dashboard" },
      severity: "medium",
      why: "The account of the dashboard often has many permissions, and the pod gets all of them.",
      remediation: "Create a service account for the workload.",
      mappings: [mitre("T1078"), cwe("269")],
    },
    (pod) => {
      const key = ["serviceAccountName", "serviceAccount"].find((field) => isDashboard(String(pod.spec[field] ?? "")));
      const isItself = imagePlaces(pod, (name) => name.includes("dashboard")).length > 0;
      return key === undefined || isItself ? [] : [{ places: [{ path: [...pod.path, key] }] }];
    },
  ),
  manifestCheck(
    {
      id: "manifests/dashboard-binding",
      title: {
        pass: "Dashboard account and role are bound only to each other",
        fail: "Dashboard account or role has another binding",
      },
      severity: "medium",
      why: "Everyone who opens the dashboard has the permissions of its account, and other subjects with its role have the same.",
      remediation: "Bind the account to the role that the dashboard ships with, and other subjects to other roles.",
      mappings: [mitre("T1078"), cwe("269")],
    },
    {
      isAbout: isBinding,
      *examine(binding) {
        const isItsRole = isDashboard(roleRef(binding).name);
        for (const { kind, name, path } of subjectsOf(binding)) {
          const isItsAccount = kind === "ServiceAccount" && isDashboard(name);
          if (isItsAccount === isItsRole) continue;
          yield { places: [{ path, value: `${kind} ${name}` }, { path: ["roleRef", "name"] }] };
        }
      },
    },
  ),
  podCheck(
    {
      id: "manifests/git-sync-command",
      title: { pass: "git-sync uses the git program of its image", fail: "git-sync runs a configured git program" },
      severity: "high",
      why: "A user who can set the variable or the argument can make git-sync run any program.",
      remediation: "Remove GITSYNC_GIT and --git; the image contains git.",
      mappings: [mitre("T1059"), cwe("78")],
    },
    function* (pod) {
      for (const container of pod.containers) {
        for (const [index, { name }] of objectsAt(container.spec, "env")) {
          if (name !== "GITSYNC_GIT" && name !== "GIT_SYNC_GIT") continue;
          yield {
            container,
            places: [{ path: [...container.path, "env", index, "name"] }],
          };
        }
      }
    },
  ),
  podCheck(
    {
      id: "manifests/open-interface",
      title: {
        pass: "Interface that runs code requires authentication",
        fail: "Interface that runs code requires no authentication",
      },
      severity: "medium",
      why: "Build servers, schedulers, notebooks and model servers are often exposed without authentication, and run any code that they receive.",
      remediation: "Add authentication, and limit access with a NetworkPolicy.",
      mappings: [mitre("T1133"), cwe("306")],
    },
    (pod, { resource }) => {
      const isWanted = (name: string): boolean => openInterfaces.has(name);
      const places = isWanted(resource.name) ? [["metadata", "name"]] : imagePlaces(pod, isWanted);
      return places.length > 0 ? [{ places: places.map((path) => ({ path })), state: "manual" }] : [];
    },
  ),
];

const openInterfaces: ReadonlySet<string> = new Set([
  "argo-server",
  "bentoml",
  "jenkins",
  "jupyterhub",
  "kubeflow",
  "mlflow",
  "nifi",
  "ollama",
  "ray-dashboard",
  "ray-head",
  "tritonserver",
  "triton-inference-server",
  "vllm",
  "vllm-openai",
  "weave-scope-app",
]);

function isTiller(text: string): boolean {
  return text === "tiller" || text === "tiller-deploy";
}

function isDashboard(text: string): boolean {
  return text === "kubernetes-dashboard" || text === "kubernetes-dashboard-web";
}

/** The images whose last part of the name fits. */
function imagePlaces(pod: PodTemplate, isWanted: (name: string) => boolean): JsonPath[] {
  return pod.containers.flatMap(({ path, spec }) => {
    const repository = parseReference(textAt(spec, "image") ?? "")?.repository ?? "";
    return isWanted(repository.slice(repository.lastIndexOf("/") + 1)) ? [[...path, "image"]] : [];
  });
}

/** The labels of a resource or its pods that name a program. */
function labelPlaces(
  pod: PodTemplate,
  { resource, isWanted }: { resource: ManifestResource; isWanted: (text: string) => boolean },
): JsonPath[] {
  const own = fittingLabels(objectAt(objectAt(resource.object, "metadata"), "labels"), isWanted);
  const ofPods = fittingLabels(objectAt(pod.metadata, "labels"), isWanted);
  return [
    ...own.map((key) => ["metadata", "labels", key]),
    ...ofPods.map((key) => [...pod.metadataPath, "labels", key]),
  ];
}

function fittingLabels(labels: JsonObject, isWanted: (text: string) => boolean): string[] {
  return appLabels.filter((key) => typeof labels[key] === "string" && isWanted(labels[key]));
}
