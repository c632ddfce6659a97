import { isJsonObject } from "../../model/objects/json-object.ts";
import { dockerHub } from "../../model/packages/reference.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, textOf } from "./payload-members.ts";

/**
 * `push_data` with a tag, and `repository`, which has no namespace for an official image. The address to call back
 * that comes with it is never asked.
 *
 * Source: Docker's documentation, "Webhooks", "Example webhook payload".
 */
export const dockerHubSender: NotificationSender = {
  id: "docker-hub",
  name: "Docker Hub",
  isSender: ({ payload }) =>
    isJsonObject(payload["push_data"]) &&
    isJsonObject(payload["repository"]) &&
    textOf(payload["repository"]["repo_full_name"]) === undefined,
  read({ payload }, collector) {
    const { repo_name: full, namespace, name } = objectOf(payload["repository"]);
    const { tag } = objectOf(payload["push_data"]);
    const [owner, own] = [namespace, name].map(textOf);
    const joined = owner === undefined || own === undefined ? own : `${owner}/${own}`;
    collector.push({ registry: dockerHub, repository: textOf(full) ?? joined, tag });
  },
};
