import { join } from "node:path";
import { PlimsollError } from "../../model/error.ts";
import type { JsonObject } from "../../model/objects/json-object.ts";
import { asObject, parseJson } from "../image/image-config.ts";
import { readStoreFile } from "./store-files.ts";

/** A list of a store in the form of containers/storage, a file in a folder of its root. */
export interface StoreList {
  readonly root: string;
  readonly folder: string;
  readonly file: string;
}

/** What to do about a damaged list of images or layers. */
export const seeImages = "Check the store with podman images --all.";

/**
 * The entries of a list; one of none may be `null`. Errors: `layout-malformed` for what is not a list,
 * `target-unreadable`, `limit-exceeded`.
 */
export function recordsOf(list: StoreList): readonly JsonObject[] {
  const bytes = readStoreFile(join(list.root, list.folder, list.file));
  const records = (bytes && bytes.length > 0 ? parseJson(bytes, nameOf(list)) : undefined) ?? [];
  if (Array.isArray(records)) return records.map(asObject);
  throw new PlimsollError("layout-malformed", `${nameOf(list)} is not a list`, { hint: seeImages });
}

function nameOf({ root, folder, file }: StoreList): string {
  return `${folder}/${file} in ${root}`;
}

/** A clause about entries of a list that are not of its kind; undefined when none is lost. */
export function damageOf(
  lost: number,
  { list, kind }: { readonly list: StoreList; readonly kind: string },
): string | undefined {
  if (lost === 0) return undefined;
  return lost === 1
    ? `an entry of ${nameOf(list)} is not ${kind === "image" ? "an" : "a"} ${kind}`
    : `${lost} entries of ${nameOf(list)} are not ${kind}s`;
}
