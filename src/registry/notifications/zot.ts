import type { JsonObject } from "../../model/objects/json-object.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { addressOf, objectOf, quoted, textOf } from "./payload-members.ts";

/**
 * CloudEvents of the types `zotregistry.image.updated` and so on. Another prefix than `zotregistry` can be set; then
 * the members of an image tell it. The registry is named by the source, where that is an address.
 *
 * Source: zot's documentation, "Event Support for zot".
 */
export const zotSender: NotificationSender = {
  id: "zot",
  name: "zot",
  isSender: ({ payload }) => isZotEvent(payload),
  read({ payload }, collector) {
    const type = textOf(payload["type"]) ?? "";
    if (!type.endsWith(".image.updated")) {
      collector.passOver(`an event of the type ${quoted(type)}`);
      return;
    }
    const { name, reference, digest } = objectOf(payload["data"]);
    collector.push({ registry: addressOf(payload["source"]), repository: name, tag: reference, digest });
  },
};

/** True for a CloudEvent of zot's. */
export function isZotEvent(payload: JsonObject): boolean {
  if (textOf(payload["specversion"]) === undefined) return false;
  if (textOf(payload["type"])?.startsWith("zotregistry.")) return true;
  const { name, reference } = objectOf(payload["data"]);
  return textOf(name) !== undefined && textOf(reference) !== undefined;
}
