import { compareText } from "../../../model/text/compare-text.ts";
import { toByteString } from "../../language/byte-string.ts";
import { ConditionError } from "../../language/condition.ts";
import type { FieldValue } from "../../language/field.ts";
import { compileGlob } from "../../language/glob.ts";
import type { Container, ContainerMount } from "../../state/container.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import type { Thread } from "../../state/thread.ts";
import {
  type FieldContext,
  type FieldMaker,
  type FieldMakers,
  integer,
  plainFields,
  type ReadField,
  wholeNumber,
} from "./field-reader.ts";
import { moment, since } from "./time-fields.ts";

type OfContainer = (container: Container, event: KernelEvent) => FieldValue | undefined;

/** Runtimes of which is known whether a container is privileged and which namespaces of the host it shares. */
const knowPrivileges = new Set(["docker", "cri", "containerd", "cri-o", "podman"]);

/** The container that the event happened in, or that the event itself describes: `container.*`. */
export const containerFields: FieldMakers = {
  ...plainFields({
    "container.id": (context) => (event) => {
      const { thread, container } = event;
      if (container !== undefined) return container.id;
      if (thread === undefined) return undefined;
      return thread.container?.id ?? (isOnHost(event, context) ? "host" : "");
    },
    "container.full_id": hostOr(({ fullId }) => fullId),
    "container.name": hostOr(({ name }) => name),
    "container.type": hostOr(({ type }) => type),
    "container.image": text(({ image }) => image),
    "container.image.id": text(({ imageId }) => imageId),
    "container.image.repository": text(({ imageRepository }) => imageRepository),
    "container.image.tag": text(({ imageTag }) => imageTag),
    "container.image.digest": text(({ imageDigest }) => imageDigest),
    "container.privileged": privilege(({ isPrivileged }) => isPrivileged),
    "container.host_pid": privilege(({ hostPid }) => hostPid),
    "container.host_network": privilege(({ hostNetwork }) => hostNetwork),
    "container.host_ipc": privilege(({ hostIpc }) => hostIpc),
    "container.mounts": known(({ mounts = [] }) => mounts.map(mountText).join(",")),
    "container.healthcheck": probe(({ healthcheck }) => healthcheck),
    "container.liveness_probe": probe(({ livenessProbe }) => livenessProbe),
    "container.readiness_probe": probe(({ readinessProbe }) => readinessProbe),
    "container.start_ts": (context) => (event) => {
      const thread = threadInside(event, context);
      return thread && moment(thread.pidNamespaceStart);
    },
    "container.duration": (context) => (event) => {
      const thread = threadInside(event, context);
      if (thread === undefined) return undefined;
      if (context.generation === "head") return since(event, thread.pidNamespaceStart);
      return thread.cloneTime === 0n ? undefined : integer(event.time - thread.pidNamespaceStart);
    },
    "container.ip": (context) => known(({ ip }) => ip ?? (context.generation === "head" ? "" : "0.0.0.0"))(context),
    "container.cni.json": known(({ cniJson }) => cniJson ?? ""),
    "container.labels": known(({ labels }) => labelsText(labels)),
    "proc.is_container_healthcheck": isProbe,
    "proc.is_container_liveness_probe": isProbe,
    "proc.is_container_readiness_probe": isProbe,
  }),
  "container.label": labelField(({ labels }) => labels),
  "container.mount": mountField("source", mountText),
  "container.mount.source": mountField("destination", ({ source }) => source),
  "container.mount.dest": mountField("source", ({ destination }) => destination),
  "container.mount.mode": mountField("source", ({ mode }) => mode),
  "container.mount.rdwr": mountField("source", ({ isWritable }) => `${isWritable}`),
  "container.mount.propagation": mountField("source", ({ propagation }) => propagation),
};

/** The pod that the event happened in: `k8s.*`, of which only those that container runtimes know of are filled. */
export const podFields: FieldMakers = {
  ...plainFields({
    "k8s.pod.name": inPod(({ labels }) => labels?.["io.kubernetes.pod.name"]),
    "k8s.ns.name": inPod(({ labels }) => labels?.["io.kubernetes.pod.namespace"]),
    "k8s.pod.id": inPod(({ labels }) => labels?.["io.kubernetes.pod.uid"]),
    "k8s.pod.uid": inPod(({ labels }) => labels?.["io.kubernetes.pod.uid"]),
    "k8s.pod.sandbox_id": inPod(({ pod }) => pod?.sandboxId?.slice(0, 12) ?? ""),
    "k8s.pod.full_sandbox_id": inPod(({ pod }) => pod?.sandboxId ?? ""),
    "k8s.pod.labels": inPod((container, event) => labelsText((sandboxOf(container, event) ?? container).pod?.labels)),
    "k8s.pod.ip": ofSandbox(({ ip }) => ip),
    "k8s.pod.cni.json": ofSandbox(({ cniJson }) => cniJson),
  }),
  "k8s.pod.label": labelField((container, event) => ({
    ...container.pod?.labels,
    ...sandboxOf(container, event)?.pod?.labels,
  })),
};

function isOnHost({ thread, container }: KernelEvent, { generation }: FieldContext): boolean {
  if (container !== undefined || thread?.container !== undefined) return false;
  return generation === "head" || thread?.isInPidNamespace !== true;
}

/** The thread that the event happened in, if that is in a container. An event that describes one happened in none. */
function threadInside(event: KernelEvent, context: FieldContext): Thread | undefined {
  return event.container !== undefined || isOnHost(event, context) ? undefined : event.thread;
}

/** What the newer container plug-in knows of processes outside of all containers. */
const host: Container = { id: "host", fullId: "host", type: "host", name: "host" };

/**
 * A field of a container with metadata. Outside of a container the older library does not have a value; the newer
 * plug-in has empty ones.
 */
function known(read: OfContainer): (context: FieldContext) => ReadField {
  return (context) => (event) => {
    const { thread } = event;
    const container =
      event.container ?? thread?.container ?? (thread && context.generation === "head" ? host : undefined);
    return container === undefined || container.isKnown === false ? undefined : bytesOf(read(container, event));
  };
}

/** A text of the metadata: an empty one is missing in the older library. */
function text(read: (container: Container) => string | undefined): (context: FieldContext) => ReadField {
  return (context) =>
    known((container) => read(container) || (context.generation === "head" ? "" : undefined))(context);
}

function hostOr(read: (container: Container) => string | undefined): (context: FieldContext) => ReadField {
  return (context) => {
    const ofContainer = text(read)(context);
    return (event) => (event.thread !== undefined && isOnHost(event, context) ? "host" : ofContainer(event));
  };
}

/** The older library tells it of some runtimes only. */
function privilege(read: (container: Container) => boolean | undefined): (context: FieldContext) => ReadField {
  return (context) =>
    known((container) =>
      context.generation === "head" || knowPrivileges.has(container.type) ? (read(container) ?? false) : undefined,
    )(context);
}

/** The newer container plug-in gives none, nor says whether a process is part of one. */
function probe(read: (container: Container) => string | undefined): (context: FieldContext) => ReadField {
  return (context) =>
    context.generation === "head" ? () => undefined : known((container) => read(container) ?? "NONE")(context);
}

function isProbe({ generation }: FieldContext): ReadField {
  return ({ thread }) => (generation === "head" || thread === undefined ? undefined : false);
}

/** The older library fills none of them without a sandbox. */
function inPod(read: OfContainer): (context: FieldContext) => ReadField {
  return (context) =>
    known((container, event) =>
      context.generation === "head" || isInPod(container) ? read(container, event) : undefined,
    )(context);
}

function isInPod({ pod }: Container): boolean {
  return pod?.sandboxId !== undefined && pod.sandboxId !== "";
}

/**
 * Where the facts about the pod are: with the container when its runtime told them, else with the sandbox of the pod,
 * if that is known. The newer plug-in takes the host for the sandbox of a container without one.
 */
function sandboxOf(container: Container, { state }: KernelEvent): Container | undefined {
  if (container.cniJson !== undefined && container.cniJson !== "") return container;
  const id = container.pod?.sandboxId?.slice(0, 12) ?? "";
  if (id === "" && state.isHead) return host;
  const sandbox = state.containers.get(id);
  return sandbox?.isKnown === false ? undefined : sandbox;
}

/**
 * A fact that only the sandbox has: without a sandbox the newer plug-in has no value, and the older library takes that
 * of the container.
 */
function ofSandbox(read: (container: Container) => string | undefined): (context: FieldContext) => ReadField {
  return (context) =>
    inPod((container, event) => {
      const sandbox = sandboxOf(container, event) ?? (context.generation === "head" ? undefined : container);
      return sandbox && (read(sandbox) ?? "");
    })(context);
}

function labelField(read: (container: Container, event: KernelEvent) => Container["labels"]): FieldMaker {
  return ({ written, bracketed, dotted }, context) => {
    if (context.generation === "head" && bracketed === undefined) throw argumentMissing(written, dotted);
    const label = bracketed ?? dotted;
    if (label === undefined) throw new ConditionError(`filter syntax error: ${written}`);
    if (dotted !== undefined && !/^[\w/.-]*$/.test(dotted)) return undefined;
    const extract = known((container, event) => {
      const labels = read(container, event);
      return labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
    });
    return { extract: extract(context) };
  };
}

/** The newer container plug-in takes what comes after a dot for no argument. */
function argumentMissing(written: string, dotted: string | undefined): ConditionError {
  const name = dotted === undefined ? written : written.slice(0, -dotted.length - 1);
  return new ConditionError(`filter '${written}': ${name} requires an argument but none provided`);
}

/** All labels but those of Kubernetes itself, in the order of their names. */
function labelsText(labels: Container["labels"]): string {
  return Object.entries(labels ?? {})
    .filter(([name]) => !name.startsWith("annotation.") && !name.startsWith("io.kubernetes."))
    .sort(([first], [second]) => compareText(first, second))
    .map(([name, value]) => (value === "" ? name : `${name}:${value}`))
    .join(", ");
}

function mountText({ source, destination, mode, isWritable, propagation }: ContainerMount): string {
  return `${source}:${destination}:${mode}:${isWritable}:${propagation}`;
}

/** A mount by its place, or the first whose path fits a pattern. */
function mountField(by: "source" | "destination", read: (mount: ContainerMount) => string): FieldMaker {
  return ({ written, bracketed, dotted }, context) => {
    if (context.generation === "head" && bracketed === undefined) throw argumentMissing(written, dotted);
    if (bracketed === undefined || dotted !== undefined) throw new ConditionError(`filter syntax error: ${written}`);
    const place = wholeNumber(bracketed);
    const fits = place === undefined || place === -1 ? compileGlob(place === -1 ? "" : bracketed) : undefined;
    const extract = known(({ mounts = [] }) => {
      const mount = fits ? mounts.find((candidate) => fits(toByteString(candidate[by]))) : mounts[place as number];
      return mount && read(mount);
    });
    return { extract: extract(context) };
  };
}

function bytesOf(value: FieldValue | undefined): FieldValue | undefined {
  return typeof value === "string" ? toByteString(value) : value;
}
