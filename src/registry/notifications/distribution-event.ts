import type { JsonObject } from "../../model/objects/json-object.ts";
import { acceptedManifests } from "../content/manifest.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";
import type { PushCollector } from "./push-collector.ts";

/**
 * Reads one event as distribution and Azure Container Registry write it: an action, a target and the request that
 * caused it. A push of a blob is not a push of an image; a manifest is distinguished from a blob by its media type, or
 * by a tag, which no blob has.
 *
 * Source: distribution's documentation, "Work with notifications", "Events".
 */
export function readDistributionEvent(event: JsonObject, collector: PushCollector): void {
  const action = textOf(event["action"]);
  if (action !== "push") {
    collector.passOver(
      action === undefined ? "an event without an action" : `an event with the action ${quoted(action)}`,
    );
    return;
  }
  const { mediaType, tag, digest, repository, url } = objectOf(event["target"]);
  const type = textOf(mediaType);
  if (type !== undefined && !acceptedManifests.includes(type) && textOf(tag) === undefined) {
    collector.passOver(`a push of the type ${quoted(type)}, which is not an image`);
    return;
  }
  const registry = textOf(objectOf(event["request"])["host"]) ?? url;
  collector.push({ registry, repository, tag, digest });
}
