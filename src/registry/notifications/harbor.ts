import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { elementsOf, objectOf, quoted, textOf } from "./payload-members.ts";

/** What Harbor calls a push: now, before 2.0, and as a CloudEvent. */
const pushes: ReadonlySet<string> = new Set(["PUSH_ARTIFACT", "pushImage", "harbor.artifact.pushed"]);

/**
 * A type with `event_data`, or a CloudEvent with the same as its `data`: `resources`, each with a tag and a digest, and
 * the repository. The registry is named by the address of a resource.
 *
 * Source: Harbor's documentation, "Configure Webhook Notifications".
 */
export const harborSender: NotificationSender = {
  id: "harbor",
  name: "Harbor",
  isSender: ({ payload }) =>
    isHarborCloudEvent(payload) || (textOf(payload["type"]) !== undefined && isJsonObject(payload["event_data"])),
  read({ payload }, collector) {
    const type = textOf(payload["type"]) ?? "";
    if (!pushes.has(type)) {
      collector.passOver(`an event of the type ${quoted(type)}`);
      return;
    }
    const { resources, repository } = objectOf(payload[isHarborCloudEvent(payload) ? "data" : "event_data"]);
    const { repo_full_name: full, namespace, name } = objectOf(repository);
    const joined = [namespace, name].map(textOf).filter((part) => part !== undefined);
    const path = textOf(full) ?? (textOf(name) === undefined ? undefined : joined.join("/"));
    const elements = elementsOf(resources);
    if (elements.length === 0) collector.reject("a push without resources");
    for (const { resource_url: registry, tag, digest } of elements.map(objectOf)) {
      collector.push({ registry, repository: path, tag, digest });
    }
  },
};

/** True for a CloudEvent of Harbor's. */
export function isHarborCloudEvent(payload: JsonObject): boolean {
  return textOf(payload["specversion"]) !== undefined && (textOf(payload["type"])?.startsWith("harbor.") ?? false);
}
