import type { ByteString } from "../../model/events/kernel-event.ts";
import type { Container, ContainerMount } from "./container.ts";

/** The runtimes by the number that the metadata has for them. */
export const containerTypes: Readonly<Record<number, string>> = {
  0: "docker",
  1: "lxc",
  2: "libvirt-lxc",
  3: "mesos",
  4: "rkt",
  5: "custom",
  6: "cri",
  7: "containerd",
  8: "cri-o",
  9: "bpm",
  10: "static",
  11: "podman",
};

const maximumLength = 1 << 20;
const maximumItems = 10_000;

/**
 * The metadata of a container as Falco's library writes it into captures and events: JSON in UTF-8, one object
 * under `container`. `undefined` when it is not that, or has no id.
 */
export function parseContainer(json: ByteString): Container | undefined {
  if (json.length > maximumLength) return undefined;
  const parsed = parse(json);
  const source = isObject(parsed) ? parsed["container"] : undefined;
  if (!isObject(source)) return undefined;
  const id = text(source, "id");
  if (id === undefined || id === "") return undefined;
  const type = source["type"];
  const created = source["created_time"];
  const sandboxLabels = labels(source["pod_sandbox_labels"]);
  const container: Container = {
    id,
    fullId: text(source, "full_id") ?? "",
    type: (typeof type === "number" ? containerTypes[type] : undefined) ?? "",
    isKnown: true,
    lookupState: typeof source["lookup_state"] === "number" ? source["lookup_state"] : 1,
    ...optional("name", text(source, "name")),
    ...optional("image", text(source, "image")),
    ...optional("imageId", text(source, "imageid")),
    ...optional("imageRepository", text(source, "imagerepo")),
    ...optional("imageTag", text(source, "imagetag")),
    ...optional("imageDigest", text(source, "imagedigest")),
    ...optional("user", text(source, "User")),
    ...optional("isPrivileged", flag(source, "privileged")),
    ...optional("isPodSandbox", flag(source, "is_pod_sandbox")),
    ...optional("hostPid", flag(source, "host_pid")),
    ...optional("hostNetwork", flag(source, "host_network")),
    ...optional("hostIpc", flag(source, "host_ipc")),
    ...optional("ip", text(source, "ip")),
    ...optional("cniJson", text(source, "cni_json")),
    ...optional("mounts", mounts(source["Mounts"])),
    ...optional("labels", labels(source["labels"])),
    ...optional("env", texts(source["env"])),
    ...optional("healthcheck", probe(source["Healthcheck"])),
    ...optional("livenessProbe", probe(source["LivenessProbe"])),
    ...optional("readinessProbe", probe(source["ReadinessProbe"])),
    // Seconds in the metadata.
    ...optional(
      "createdTime",
      typeof created === "number" && Number.isSafeInteger(created) ? BigInt(created) * 1_000_000_000n : undefined,
    ),
    pod: {
      ...optional("sandboxId", text(source, "pod_sandbox_id")),
      ...optional("labels", sandboxLabels),
      ...optional("cniJson", text(source, "cni_json")),
      ...optional("name", sandboxLabels?.["io.kubernetes.pod.name"]),
      ...optional("namespace", sandboxLabels?.["io.kubernetes.pod.namespace"]),
      ...optional("uid", sandboxLabels?.["io.kubernetes.pod.uid"]),
    },
  };
  return container;
}

type JsonObject = { readonly [key: string]: unknown };

function parse(json: ByteString): unknown {
  const end = json.indexOf("\0");
  try {
    return JSON.parse(Buffer.from(end < 0 ? json : json.slice(0, end), "latin1").toString("utf8"));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(source: JsonObject, key: string): string | undefined {
  const value = source[key];
  return typeof value === "string" ? value : undefined;
}

function flag(source: JsonObject, key: string): boolean | undefined {
  const value = source[key];
  return typeof value === "boolean" ? value : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, maximumItems).filter((item): item is string => typeof item === "string");
}

function labels(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value).slice(0, maximumItems);
  const known: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, label] of entries) if (typeof label === "string") known[key] = label;
  return known;
}

function mounts(value: unknown): readonly ContainerMount[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value
    .slice(0, maximumItems)
    .filter(isObject)
    .map((mount) => ({
      source: text(mount, "Source") ?? "",
      destination: text(mount, "Destination") ?? "",
      mode: text(mount, "Mode") ?? "",
      isWritable: flag(mount, "RW") ?? false,
      propagation: text(mount, "Propagation") ?? "",
    }));
}

/** A command that checks the container's health, with its arguments. */
function probe(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const parts = [text(value, "exe") ?? "", ...(texts(value["args"]) ?? [])];
  return parts.join(" ");
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
