import { isJsonObject, type JsonObject, parseJson } from "../../model/objects/json-object.ts";
import { parseReference } from "../../model/packages/reference.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";

/**
 * A message of Pub/Sub's topic `gcr`, as it is or in the base64 of a delivery: an action, and whole references with the
 * digest and with the tag.
 *
 * Source: Google's documentation, "Configure Pub/Sub notifications" of Artifact Registry, "Push subscriptions" of
 * Pub/Sub.
 */
export const googleArtifactRegistrySender: NotificationSender = {
  id: "google-artifact-registry",
  name: "Google Artifact Registry",
  isSender: ({ payload }) =>
    isDelivery(payload) ||
    (["INSERT", "DELETE"].includes(textOf(payload["action"]) ?? "") &&
      (textOf(payload["digest"]) ?? textOf(payload["tag"])) !== undefined),
  read({ payload }, collector) {
    const { action, digest, tag } = isDelivery(payload) ? messageIn(payload) : payload;
    if (action === undefined) collector.reject("a Pub/Sub message that is not about an image");
    else if (action !== "INSERT") collector.passOver(`a message with the action ${quoted(textOf(action) ?? "")}`);
    else {
      const [byDigest, byTag] = [digest, tag].map((text) => parseReference(textOf(text) ?? ""));
      const named = byDigest ?? byTag;
      collector.push({
        registry: named?.registry,
        repository: named?.repository,
        digest: byDigest?.digest,
        tag: byTag?.repository === named?.repository ? byTag?.tag : undefined,
      });
    }
  },
};

function isDelivery(payload: JsonObject): boolean {
  return isJsonObject(payload["message"]) && textOf(payload["subscription"]) !== undefined;
}

function messageIn(payload: JsonObject): JsonObject {
  const data = textOf(objectOf(payload["message"])["data"]) ?? "";
  return objectOf(parseJson(Buffer.from(data, "base64").toString("utf8")));
}
