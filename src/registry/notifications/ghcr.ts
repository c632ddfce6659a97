import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { trimEnd } from "../../model/text/trim-end.ts";
import type { NotificationSender, ReceivedNotification } from "./notification-sender.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";
import { registryIn } from "./push-collector.ts";

const actions: ReadonlySet<string> = new Set(["published", "updated", "create", "created"]);

/**
 * GitHub's events `package` and `registry_package` about a container. Names are lower-case in the registry whatever
 * they are at GitHub. Without a tag in `container_metadata` the version's name is one, or the digest. In the oldest
 * form the repository is the path of the registry's address.
 *
 * Source: GitHub's documentation, "Webhook events and payloads", `package`, `registry_package`.
 */
export const ghcrSender: NotificationSender = {
  id: "ghcr",
  name: "GitHub Container Registry",
  // Gitea and its kin send the header too, beside their own.
  isSender: ({ payload, header }) =>
    packageOf(payload) !== undefined ||
    (header("x-github-event") !== undefined && header("x-gitea-event") === undefined),
  read(notification, collector) {
    const described = packageOf(notification.payload);
    if (!described) {
      collector.passOver(`GitHub's event ${quoted(notification.header("x-github-event") ?? "")}`);
      return;
    }
    const type = typeOf(described)?.toLowerCase();
    const action = textOf(notification.payload["action"]) ?? "";
    if (type !== "container" || !actions.has(action)) {
      const what =
        type === "container"
          ? `the action ${quoted(action)} on a container`
          : `a package of the type ${quoted(type ?? "")}`;
      collector.passOver(what);
      return;
    }
    const version = objectOf(described["package_version"]);
    const metadata = version["container_metadata"];
    const { name, digest } = objectOf(objectOf(metadata)["tag"]);
    collector.push({
      ...placeOf(described, { isOldest: !isJsonObject(metadata) && textOf(version["name"]) === undefined }),
      tag: typeof name === "string" ? name : (version["name"] ?? version["version"]),
      digest: textOf(digest) ?? version["name"],
    });
  },
};

function packageOf({ package: own, registry_package: older }: ReceivedNotification["payload"]): JsonObject | undefined {
  return [own, older].filter(isJsonObject).find((described) => typeOf(described) !== undefined);
}

function typeOf({ package_type: type, ecosystem }: JsonObject): string | undefined {
  return textOf(type) ?? textOf(ecosystem);
}

function placeOf(
  described: JsonObject,
  { isOldest }: { readonly isOldest: boolean },
): { registry: string; repository: string | undefined } {
  const url = textOf(objectOf(described["registry"])["url"]);
  const host = registryIn(url);
  const registry = host === undefined || host.endsWith(".pkg.github.com") ? "ghcr.io" : host;
  const path = isOldest ? URL.parse(url ?? "")?.pathname : undefined;
  const parts = [
    textOf(objectOf(described["owner"])["login"]) ?? textOf(described["namespace"]),
    textOf(described["name"]),
  ];
  const repository =
    textOf(path && trimEnd(path.replace(/^\/+/, ""), "/")) ?? (parts.includes(undefined) ? undefined : parts.join("/"));
  return { registry, repository: repository?.toLowerCase() };
}
