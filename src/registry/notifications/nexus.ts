import { isJsonObject } from "../../model/objects/json-object.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";

const assetPath = /^\/?v2\/(.{1,300})\/manifests\/([^/]{1,200})$/;
const actions: ReadonlySet<string> = new Set(["CREATED", "UPDATED"]);

/**
 * A component, or an asset whose name is the path of a manifest, of a repository with the format `docker`. What the
 * registry is called from outside it does not say: `repositoryName` is a name within Nexus.
 *
 * Source: Sonatype's documentation, "Webhooks", "Example Headers and Payloads".
 */
export const nexusSender: NotificationSender = {
  id: "nexus",
  name: "Sonatype Nexus",
  isSender: ({ payload, header }) =>
    header("x-nexus-webhook-id") !== undefined ||
    (textOf(payload["repositoryName"]) !== undefined &&
      (isJsonObject(payload["component"]) || isJsonObject(payload["asset"]))),
  read({ payload }, collector) {
    const { format, name, version } = objectOf(payload["component"] ?? payload["asset"]);
    const action = textOf(payload["action"]) ?? "";
    if (format !== "docker" || !actions.has(action)) {
      const what = format === "docker" ? "an image" : `a component in the format ${quoted(textOf(format) ?? "")}`;
      collector.passOver(`the action ${quoted(action)} on ${what}`);
      return;
    }
    if (isJsonObject(payload["component"])) {
      collector.push({ repository: name, tag: version });
      return;
    }
    const [, repository, reference] = assetPath.exec(textOf(name) ?? "") ?? [];
    if (repository === undefined) collector.passOver("an asset that is not a manifest");
    else collector.push({ repository, tag: reference });
  },
};
