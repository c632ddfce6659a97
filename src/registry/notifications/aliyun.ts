import { isJsonObject } from "../../model/objects/json-object.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, textOf } from "./payload-members.ts";

/**
 * `push_data` with a tag and a digest, and `repository` with its full name and the region, which makes the public host
 * of the registry.
 *
 * Source: Alibaba Cloud's documentation, "Manage webhooks" of Container Registry.
 */
export const aliyunSender: NotificationSender = {
  id: "aliyun",
  name: "Alibaba Cloud Container Registry",
  isSender: ({ payload }) =>
    isJsonObject(payload["push_data"]) && textOf(objectOf(payload["repository"])["repo_full_name"]) !== undefined,
  read({ payload }, collector) {
    const { repo_full_name: repository, region } = objectOf(payload["repository"]);
    const { tag, digest } = objectOf(payload["push_data"]);
    collector.push({ registry: hostIn(textOf(region)), repository, tag, digest });
  },
};

function hostIn(region: string | undefined): string | undefined {
  return region !== undefined && /^[a-z0-9-]{1,40}$/.test(region) ? `registry.${region}.aliyuncs.com` : undefined;
}
