import { join } from "node:path";
import type { JsonObject } from "../../model/json-object.ts";
import { asObject, parseJson } from "../image/image-config.ts";
import { readStoreFile } from "./store-files.ts";

/** A container of Podman or Buildah, whether it runs or not. */
export interface StoredContainer {
  /** 64 hexadecimal digits, and the driver of its store: together the folder of its files. */
  readonly id: string;
  readonly driver: string;
  readonly name: string;
  /** The id of its image, `sha256:…`. */
  readonly imageId: string;
  /** The image as it was asked for, a whole name; empty when it was asked for in another way. */
  readonly image: string;
}

const drivers = ["overlay", "vfs", "btrfs", "zfs", "aufs"];
const files = ["containers.json", "volatile-containers.json"];
const mostContainers = 10_000;
const idPattern = /^[0-9a-f]{64}$/;

/**
 * The containers of a store in the form of containers/storage, from `<driver>-containers/containers.json`; those of CRI-O, which lists
 * them to Kubernetes, are left out. `metadata` is JSON within the JSON, of whoever made the container.
 *
 * Errors: `target-unreadable`, `layout-malformed`, `limit-exceeded`.
 * Source: containers/storage `containers.go`; libpod `storage.go`, `RuntimeContainerMetadata`.
 */
export function storedContainers(root: string): readonly StoredContainer[] {
  const found = drivers.flatMap((driver) =>
    files.flatMap((file) => {
      const name = `${driver}-containers/${file} in ${root}`;
      const bytes = readStoreFile(join(root, `${driver}-containers`, file));
      const list = bytes && bytes.length > 0 ? parseJson(bytes, name) : [];
      return (Array.isArray(list) ? list : []).flatMap((item) => containerOf(asObject(item), driver, name));
    }),
  );
  return found.slice(0, mostContainers);
}

function containerOf({ id, names, image, metadata }: JsonObject, driver: string, file: string): StoredContainer[] {
  if (typeof id !== "string" || !idPattern.test(id) || typeof image !== "string" || !idPattern.test(image)) return [];
  const facts = typeof metadata === "string" ? asObject(parseJson(Buffer.from(metadata), file)) : {};
  if ("pod-id" in facts) return [];
  const name = Array.isArray(names) && typeof names[0] === "string" ? names[0] : id.slice(0, 12);
  const asked = facts["image-name"];
  return [{ id, driver, name, imageId: `sha256:${image}`, image: typeof asked === "string" ? asked : "" }];
}
