import { isJsonObject } from "../../model/objects/json-object.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";

/**
 * The domain `docker` with the type `pushed`. A repository is named by the key of Artifactory's repository and the name
 * of the image, and the registry by `jpd_origin`, as where images are asked for by path. The checksum is that of the
 * manifest, and so the digest.
 *
 * Source: JFrog's documentation, "Webhooks", "Docker domain".
 */
export const artifactorySender: NotificationSender = {
  id: "artifactory",
  name: "JFrog Artifactory",
  isSender: ({ payload }) =>
    textOf(payload["domain"]) !== undefined &&
    textOf(payload["event_type"]) !== undefined &&
    isJsonObject(payload["data"]),
  read({ payload }, collector) {
    const { domain, event_type: type, jpd_origin: registry } = payload;
    if (domain !== "docker" || type !== "pushed") {
      collector.passOver(`${quoted(textOf(type) ?? "")} in the domain ${quoted(textOf(domain) ?? "")}`);
      return;
    }
    const { repo_key: key, image_name: name, tag, sha256 } = objectOf(payload["data"]);
    const parts = [key, name].map(textOf);
    collector.push({
      registry,
      repository: parts.includes(undefined) ? undefined : parts.join("/"),
      tag: textOf(tag)?.replace(/^(sha256|sha512)__/, "$1:"),
      digest: `sha256:${textOf(sha256)}`,
    });
  },
};
