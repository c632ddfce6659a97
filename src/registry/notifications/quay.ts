import type { NotificationSender } from "./notification-sender.ts";
import { elementsOf, textOf } from "./payload-members.ts";

/**
 * The repository with all `updated_tags`. The registry is named by `docker_url`; without one it is quay.io. Other
 * notifications, of builds and scans, have no such tags.
 *
 * Source: Quay's documentation, "Repository notifications".
 */
export const quaySender: NotificationSender = {
  id: "quay",
  name: "Quay",
  isSender: ({ payload }) =>
    textOf(payload["repository"]) !== undefined &&
    (Object.hasOwn(payload, "updated_tags") || textOf(payload["docker_url"]) !== undefined),
  read({ payload }, collector) {
    if (!Object.hasOwn(payload, "updated_tags")) {
      collector.passOver("a notification without pushed tags");
      return;
    }
    const { repository, docker_url: address, updated_tags: tags } = payload;
    if (elementsOf(tags).length === 0) collector.reject("a push without tags");
    else collector.push({ registry: textOf(address) ?? "quay.io", repository, tags });
  },
};
