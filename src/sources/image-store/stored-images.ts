import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { asObject } from "../image/image-config.ts";
import type { ImageName } from "./image-name.ts";
import { damageOf, recordsOf } from "./store-list.ts";

/** An image in the list of a store in the form of containers/storage. */
export interface ImageRecord {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** The digests by which it was asked for, whether `manifest` has them or not. */
  readonly digests: readonly unknown[];
  /** The digest that `manifest` must have; undefined where the store does not say. */
  readonly manifestDigest: unknown;
  readonly names: readonly string[];
  /** Its present names and, where the store records them, its former ones. */
  readonly everyName: readonly string[];
  /** The id of the uppermost layer; empty when there is none. */
  readonly layer: string;
}

const idPattern = /^[0-9a-f]{64}$/;

/**
 * The images of a driver's store, and a clause about entries that are none. Errors: `layout-malformed`,
 * `target-unreadable`, `limit-exceeded`.
 */
export function storedImages(
  root: string,
  driver: string,
): { readonly images: readonly ImageRecord[]; readonly damage: string | undefined } {
  const list = { root, folder: `${driver}-images`, file: "images.json" };
  const records = recordsOf(list);
  const images = records.flatMap(imageRecord);
  return { images, damage: damageOf(records.length - images.length, { list, kind: "image" }) };
}

/**
 * The image that a name means: a name counts before the beginning of an id, a full name before a short one; undefined
 * when there is none. Error: `usage` when several are meant; `root` names the store there.
 */
export function chooseImage(
  images: readonly ImageRecord[],
  { name, root }: { readonly name: ImageName; readonly root: string },
): ImageRecord | undefined {
  for (const candidate of name.full) {
    const found = images.find(({ names }) => names.includes(candidate));
    if (found) return found;
  }
  if (name.digest !== undefined) {
    const { digest, repository } = name;
    const found = images.find(
      (image) =>
        image.digests.includes(digest) &&
        image.names.some((text) => text.startsWith(`${repository}:`) || text.startsWith(`${repository}@`)),
    );
    if (found) return found;
  }
  const { suffix, idBeginning: begin } = name;
  const isShort = (text: string): boolean => suffix !== undefined && text.endsWith(`/${suffix}`);
  const byName = images.filter(({ names }) => names.some(isShort));
  if (byName.length === 1) return byName[0];
  const byId = begin === undefined ? [] : images.filter(({ id }) => id.startsWith(begin));
  if (byId.length === 1) return byId[0];
  const names = byName.flatMap((image) => image.names.filter(isShort).slice(0, 1));
  const meant = names.length > 0 ? names : byId.map(({ id }) => id);
  if (meant.length === 0) return undefined;
  const several = `${meant.length} images of the store ${root}`;
  throw new PlimsollError("usage", `${several} are meant by ${JSON.stringify(suffix ?? begin)}`, {
    hint: `Write one of: ${meant.slice(0, 10).join(", ")}.`,
  });
}

function imageRecord({ id, digest, names, layer, ...others }: JsonObject): ImageRecord[] {
  if (typeof id !== "string" || !idPattern.test(id)) return [];
  const bigData = asObject(others["big-data-digests"]);
  const manifests = Object.keys(bigData).filter((key) => /^manifest(?:-|$)/.test(key));
  return [
    {
      id,
      digests: [digest, ...manifests.map((key) => bigData[key])],
      manifestDigest: bigData["manifest"],
      names: textsIn(names),
      everyName: [...textsIn(names), ...textsIn(others["names-history"])],
      layer: typeof layer === "string" ? layer : "",
    },
  ];
}

function textsIn(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}
