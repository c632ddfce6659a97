import type { Fact } from "../../model/checks/fact.ts";
import type {
  ClusterKind,
  KubernetesClusterFacts,
  KubernetesNodeFacts,
  OpenShiftFacts,
} from "../../model/checks/kubernetes-facts.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

const clusterKinds: Readonly<Record<ClusterKind, true>> = {
  namespaces: true,
  nodes: true,
  pods: true,
  serviceAccounts: true,
  roles: true,
  clusterRoles: true,
  roleBindings: true,
  clusterRoleBindings: true,
  networkPolicies: true,
  services: true,
  ingresses: true,
  validatingWebhooks: true,
  mutatingWebhooks: true,
  validatingPolicies: true,
};

/** The facts of a node from a section of a bundle. Missing or malformed parts are unavailable. */
export function readNodeFacts(section: JsonObject): KubernetesNodeFacts {
  return {
    flavour: memberFact(section, "flavour", isText) as KubernetesNodeFacts["flavour"],
    version: memberFact(section, "version", isText) as KubernetesNodeFacts["version"],
    components: memberFact(section, "components", isListOf(isComponent)) as KubernetesNodeFacts["components"],
    files: memberFact(section, "files", isListOf(isFile)) as KubernetesNodeFacts["files"],
    kubeletUnit: memberFact(section, "kubeletUnit", isRecordOf(isListOf(isText))) as KubernetesNodeFacts["kubeletUnit"],
  };
}

/** The facts of a cluster from a section of a bundle. Missing or malformed parts are unavailable. */
export function readClusterFacts(section: JsonObject): KubernetesClusterFacts {
  const kinds = Object.keys(clusterKinds) as ClusterKind[];
  const objects = Object.fromEntries(kinds.map((kind) => [kind, memberFact(section, kind, isListOf(isJsonObject))]));
  return {
    ...(objects as Record<ClusterKind, Fact<readonly JsonObject[]>>),
    serverVersion: memberFact(section, "serverVersion", isText) as Fact<string>,
    ...(isJsonObject(section["openShift"]) && { openShift: readOpenShiftFacts(section["openShift"]) }),
  };
}

function readOpenShiftFacts(section: JsonObject): OpenShiftFacts {
  return {
    components: memberFact(section, "components", isListOf(isComponent)) as OpenShiftFacts["components"],
    overrides: memberFact(section, "overrides", isRecordOf(isObjectOrNull)) as OpenShiftFacts["overrides"],
    constraints: memberFact(section, "constraints", isListOf(isJsonObject)) as OpenShiftFacts["constraints"],
  };
}

type Test = (value: unknown) => boolean;

function memberFact(section: JsonObject, name: string, test: Test): Fact<unknown> {
  const fact = Object.hasOwn(section, name) ? section[name] : undefined;
  if (fact === undefined) return { unavailable: `the facts do not contain ${name}` };
  if (isFact(fact, test)) return fact as Fact<unknown>;
  return { unavailable: `${name} in the facts is not valid` };
}

function isFact(fact: unknown, test: Test): boolean {
  if (!isJsonObject(fact)) return false;
  return "value" in fact ? test(fact["value"]) : typeof fact["unavailable"] === "string";
}

const isObjectOrNull: Test = (value) => value === null || isJsonObject(value);

const isText: Test = (value) => typeof value === "string";

function isListOf(test: Test): Test {
  return (value) => Array.isArray(value) && value.every(test);
}

function isRecordOf(test: Test): Test {
  return (value) => isJsonObject(value) && Object.values(value).every(test);
}

const isComponent: Test = (value) =>
  isJsonObject(value) &&
  ["name", "source", "place"].every((key) => isText(value[key])) &&
  isListOf(isText)(value["argv"]) &&
  isRecordOf(isText)(value["environment"]) &&
  isRecordOf((fact) => isFact(fact, isJsonObject))(value["documents"]) &&
  ["version", "incomplete"].every((key) => value[key] === undefined || isText(value[key]));

const isFile: Test = (value) =>
  isJsonObject(value) &&
  ["role", "path", "user", "group"].every((key) => isText(value[key])) &&
  typeof value["mode"] === "string" &&
  /^[0-7]{4}$/.test(value["mode"]);
