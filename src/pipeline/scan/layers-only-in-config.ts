import { isJsonObject } from "../../model/objects/json-object.ts";
import type { Problem } from "../../model/reports/problem.ts";
import type { OpenTree } from "../targets/open-target.ts";

/**
 * The problem that the config of an image lists more layers than its manifest names: programs that unpack images refuse
 * such an image, and the contents of the other layers are unknown. None for whole images and for folders.
 */
export function layersOnlyInConfig({ config, layers }: Pick<OpenTree, "config" | "layers">): Problem[] {
  const rootfs = config?.["rootfs"];
  const diffIds = isJsonObject(rootfs) ? rootfs["diff_ids"] : undefined;
  const listed = Array.isArray(diffIds) ? diffIds.length : 0;
  if (listed <= layers.length) return [];
  const message = `the image's config lists ${listed} layers, but its manifest lists ${layers.length}: the content of the others is unknown`;
  return [{ code: "not-examined", message }];
}
