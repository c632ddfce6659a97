import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject, parseJson as parseText } from "../../model/objects/json-object.ts";
import { asObject, parseJson } from "../image/image-config.ts";
import { readStoreFile } from "./store-files.ts";

/** A container of Podman, CRI-O or Buildah, whether it runs or not. */
export interface StoredContainer {
  /** 64 hexadecimal digits, and the driver of its store: together the folder of its files. */
  readonly id: string;
  readonly driver: string;
  /** For CRI-O, which makes containers for Kubernetes, `NAMESPACE/pod/POD/CONTAINER`. */
  readonly name: string;
  /** The id of its image, `sha256:…`; undefined when it was started from a folder. */
  readonly imageId: string | undefined;
  /** The image as it was asked for, a whole name; empty when it was asked for in another way. */
  readonly image: string;
  readonly isKubernetesContainer: boolean;
  /** A clause, when not all that is known of it can be read. */
  readonly damage?: string;
}

/** The containers of a store. */
export interface StoredContainers {
  readonly containers: readonly StoredContainer[];
  /** Sentences without their full stops about what may be further containers and cannot be read. */
  readonly damages: readonly string[];
}

const drivers = ["overlay", "vfs", "btrfs", "zfs", "aufs"];
const files = ["containers.json", "volatile-containers.json"];
const mostContainers = 10_000;
const idPattern = /^[0-9a-f]{64}$/;

/**
 * The containers of a store in the form of containers/storage, from `<driver>-containers/containers.json`. `metadata`
 * is JSON within the JSON, of whoever made the container; only CRI-O writes a `pod-id` there. A list of none may be
 * `null`.
 *
 * Errors: `target-unreadable`, `layout-malformed` for what is not a list, `limit-exceeded`. Source: containers/storage
 * `containers.go`; libpod `storage.go`, `RuntimeContainerMetadata`; CRI-O `internal/storage/runtime.go`.
 */
export function storedContainers(root: string): StoredContainers {
  const damages: string[] = [];
  const found = drivers.flatMap((driver) =>
    files.flatMap((file) => {
      const name = `${driver}-containers/${file} in ${root}`;
      const bytes = readStoreFile(join(root, `${driver}-containers`, file));
      const list = (bytes && bytes.length > 0 ? parseJson(bytes, name) : undefined) ?? [];
      if (!Array.isArray(list)) throw new PlimsollError("layout-malformed", `${name} is not a list`, { hint });
      const containers = list.flatMap((item) => containerOf(asObject(item), driver));
      const lost = list.length - containers.length;
      if (lost === 1) damages.push(`an entry of ${name} is not a container`);
      if (lost > 1) damages.push(`${lost} entries of ${name} are not containers`);
      return containers;
    }),
  );
  const more = found.length - mostContainers;
  if (more > 0) damages.push(`${more} containers in ${root} were skipped; the limit is ${mostContainers}`);
  return { containers: found.slice(0, mostContainers), damages };
}

const hint = "Inspect it with podman ps --all.";

function containerOf({ id, names, image, metadata }: JsonObject, driver: string): StoredContainer[] {
  if (typeof id !== "string" || !idPattern.test(id)) return [];
  const text = metadata ?? "";
  const facts = text === "" ? {} : typeof text === "string" ? parseText(text) : undefined;
  const known = asObject(facts);
  const isKubernetesContainer = typeof known["pod-id"] === "string";
  const name = Array.isArray(names) && typeof names[0] === "string" ? names[0] : id.slice(0, 12);
  const asked = known["image-name"];
  return [
    {
      id,
      driver,
      name: isKubernetesContainer ? nameInPod(name) : name,
      imageId: typeof image === "string" && idPattern.test(image) ? `sha256:${image}` : undefined,
      image: typeof asked === "string" ? asked : "",
      isKubernetesContainer,
      ...(!isJsonObject(facts) && { damage: "its metadata cannot be read" }),
    },
  ];
}

/** From `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`; no name in Kubernetes has an underscore. */
function nameInPod(name: string): string {
  const [start, container, pod, namespace, ...others] = name.split("_");
  return start === "k8s" && others.length > 0 ? `${namespace}/pod/${pod}/${container}` : name;
}

/**
 * The folder that a container was started from: the `root` of its runtime's `config.json` in the first of these folders
 * that has one. Source: OCI Runtime Specification 1.2, "Filesystem Bundle". Errors: those of {@link storedContainers}.
 */
export function rootOfContainer(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const bytes = readStoreFile(join(folder, "config.json"));
    const path = bytes && asObject(asObject(parseJson(bytes, join(folder, "config.json")))["root"])["path"];
    if (typeof path === "string") return path;
  }
  return undefined;
}
