import { isJsonObject } from "../../model/objects/json-object.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";

/**
 * The event `package` of Gitea and Forgejo, about a package of the type `container`: its owner and name make the
 * repository, its version is the tag or the digest, and its page is on the host of the registry.
 *
 * Source: Gitea's documentation, "Webhooks"; `modules/structs/hook.go`, `PackagePayload`.
 */
export const giteaSender: NotificationSender = {
  id: "gitea",
  name: "Gitea",
  isSender: ({ payload, header }) => {
    const { type, version } = objectOf(payload["package"]);
    return header("x-gitea-event") !== undefined || (textOf(type) !== undefined && textOf(version) !== undefined);
  },
  read({ payload, header }, collector) {
    if (!isJsonObject(payload["package"])) {
      collector.passOver(`the event ${quoted(header("x-gitea-event") ?? "")}`);
      return;
    }
    const { type, owner, name, version, html_url: page } = payload["package"];
    const action = textOf(payload["action"]) ?? "";
    if (type !== "container" || action !== "created") {
      collector.passOver(`the action ${quoted(action)} on a package of the type ${quoted(textOf(type) ?? "")}`);
      return;
    }
    const parts = [objectOf(owner)["login"], name].map(textOf);
    const repository = parts.includes(undefined) ? undefined : parts.join("/").toLowerCase();
    collector.push({ registry: page, repository, tag: version });
  },
};
