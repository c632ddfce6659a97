import { objectIn, objectsIn, textIn } from "../../model/objects/json-members.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";

/** The object that made another one. */
export interface Owner {
  /** `ReplicaSet`. */
  readonly kind: string;
  readonly name: string;
}

/** What of a pod matters here. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly owner?: Owner;
  /** The label by which a Deployment tells its ReplicaSets apart: the end of their names. */
  readonly templateHash?: string;
  readonly containers: readonly PodContainer[];
}

/** A container of a pod that runs, or that waits to run again. */
export interface PodContainer {
  readonly name: string;
  /** As the pod's author wrote it. */
  readonly image: string;
  /** As the container runtime writes it; empty where it does not tell. */
  readonly imageId: string;
  /**
   * `running`, why it waits: `CrashLoopBackOff`, or how it ended when it is about to be started again: `Error`;
   * `unknown` where the pod's status does not tell.
   */
  readonly state: string;
  /** RFC 3339. */
  readonly startedAt?: string;
}

/** The lists of a pod's spec that hold containers, and where the status has each. */
const containerLists = [
  ["containers", "containerStatuses"],
  ["initContainers", "initContainerStatuses"],
  ["ephemeralContainers", "ephemeralContainerStatuses"],
] as const;

/** Where nothing runs: before a pod has containers, and after they ended. */
const idlePhases: ReadonlySet<string> = new Set(["Pending", "Succeeded", "Failed"]);
/** Where nothing is started any more. */
const endedPhases: ReadonlySet<string> = new Set(["Succeeded", "Failed"]);

/**
 * Reads a pod; undefined for one without a name. Containers that ended for good are left out, and so are those whose
 * image was not pulled yet. What runs is never left out because the status tells little of it. Source: Kubernetes API
 * reference, Pod v1 core, `ContainerStatus`; Kubernetes, "Pod Lifecycle", container restart policy.
 */
export function readPod(item: JsonObject): Pod | undefined {
  const [metadata, spec, status] = ["metadata", "spec", "status"].map((key) => objectIn(item, key));
  const name = textIn(metadata, "name");
  if (name === "" || !metadata || !spec || !status) return undefined;
  const owner = controllerOf(metadata);
  const templateHash = textIn(objectIn(metadata, "labels"), "pod-template-hash");
  return {
    namespace: textIn(metadata, "namespace") || "default",
    name,
    node: textIn(spec, "nodeName"),
    ...(owner && { owner }),
    ...(templateHash !== "" && { templateHash }),
    containers: containerLists.flatMap(([inSpec, inStatus]) => {
      const statuses = new Map(objectsIn(status, inStatus).map((one) => [textIn(one, "name"), one]));
      const isIdle = idlePhases.has(textIn(status, "phase"));
      const isEnding = endedPhases.has(textIn(status, "phase")) || textIn(metadata, "deletionTimestamp") !== "";
      const isLast = isEnding || inSpec === "ephemeralContainers";
      const ofPod = textIn(spec, "restartPolicy");
      return objectsIn(spec, inSpec).flatMap((container) => {
        const own = statuses.get(textIn(container, "name"));
        const restarts = (exitCode: unknown): boolean =>
          !isLast && isStartedAgain(container, { ofPod, inSpec, exitCode });
        if (own) return readContainer(container, { status: own, restarts });
        return isIdle || endsByItself(container, inSpec) ? [] : unseenContainer(container);
      });
    }),
  };
}

/** The owner that controls an object, from its metadata. */
export function controllerOf(metadata: JsonObject): Owner | undefined {
  const owner = objectsIn(metadata, "ownerReferences").find((reference) => reference["controller"] === true);
  const [kind, name] = [textIn(owner, "kind"), textIn(owner, "name")];
  return kind === "" || name === "" ? undefined : { kind, name };
}

function readContainer(
  spec: JsonObject,
  { status, restarts }: { readonly status: JsonObject; readonly restarts: (exitCode: unknown) => boolean },
): PodContainer[] {
  const imageId = textIn(status, "imageID");
  const state = objectIn(status, "state");
  const runs = isJsonObject(state["running"]);
  const end = !runs && isJsonObject(state["terminated"]) ? state["terminated"] : undefined;
  const ranBefore = end !== undefined || isJsonObject(objectIn(status, "lastState")["terminated"]);
  if ((end && !restarts(end["exitCode"])) || !(runs || imageId !== "" || ranBefore)) return [];
  const startedAt = textIn(objectIn(state, "running"), "startedAt");
  return [
    {
      name: textIn(spec, "name"),
      image: textIn(spec, "image") || textIn(status, "image"),
      imageId,
      state: runs ? "running" : whyNot(state, end),
      ...(isTime(startedAt) && { startedAt }),
    },
  ];
}

/** Source: RFC 3339, `date-time`, with the `T` and `Z` that Kubernetes writes. */
function isTime(text: string): boolean {
  const isInForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/.test(text);
  return isInForm && !Number.isNaN(Date.parse(text));
}

/** "If none of them is specified, the default one is ContainerStateWaiting." */
function whyNot(state: JsonObject, end: JsonObject | undefined): string {
  if (end) return textIn(end, "reason") || "terminated";
  return textIn(objectIn(state, "waiting"), "reason") || "waiting";
}

/**
 * Whether a container that has ended is started again, which the kubelet waits with. `ofPod` is the pod's policy; a
 * rule of the container goes before policies. An init container that ended well has done what it should, unless it is
 * one that stays. Source: Kubernetes, "Pod Lifecycle", individual container restart policy and rules.
 */
function isStartedAgain(
  spec: JsonObject,
  { ofPod, inSpec, exitCode }: { readonly ofPod: string; readonly inSpec: string; readonly exitCode: unknown },
): boolean {
  if (objectsIn(spec, "restartPolicyRules").some((rule) => isRestartedBy(rule, exitCode))) return true;
  const own = textIn(spec, "restartPolicy");
  const policy = own === "" ? ofPod : own;
  if (policy === "Always" && (inSpec !== "initContainers" || own === "Always")) return true;
  return (policy === "Always" || policy === "OnFailure") && exitCode !== 0;
}

/** A rule that says something unknown is taken to start again what failed. */
function isRestartedBy(rule: JsonObject, exitCode: unknown): boolean {
  const exitCodes = objectIn(rule, "exitCodes");
  const [operator, values] = [textIn(exitCodes, "operator"), exitCodes["values"]];
  if (!Array.isArray(values) || (operator !== "In" && operator !== "NotIn")) return exitCode !== 0;
  return values.includes(exitCode) === (operator === "In");
}

/** An init container has ended when the pod runs, unless it is one that stays. */
function endsByItself(spec: JsonObject, list: string): boolean {
  return list === "initContainers" && textIn(spec, "restartPolicy") !== "Always";
}

function unseenContainer(spec: JsonObject): PodContainer[] {
  return [{ name: textIn(spec, "name"), image: textIn(spec, "image"), imageId: "", state: "unknown" }];
}
