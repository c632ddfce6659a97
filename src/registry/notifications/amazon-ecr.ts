import { isJsonObject } from "../../model/objects/json-object.ts";
import { ecrRegistry } from "./ecr-registry.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { objectOf, quoted, textOf } from "./payload-members.ts";

/**
 * Events of EventBridge with the type `ECR Image Action`; the registry is that of the account in the region.
 *
 * Source: AWS's documentation, "Amazon ECR events and EventBridge".
 */
export const amazonEcrSender: NotificationSender = {
  id: "amazon-ecr",
  name: "Amazon ECR",
  isSender: ({ payload }) => payload["source"] === "aws.ecr" && isJsonObject(payload["detail"]),
  read({ payload }, collector) {
    const type = textOf(payload["detail-type"]) ?? "";
    const { "action-type": action, result, "repository-name": repository, ...detail } = objectOf(payload["detail"]);
    if (type !== "ECR Image Action" || action !== "PUSH") {
      collector.passOver(`an event of the type ${quoted(type)}, with the action ${quoted(textOf(action) ?? "")}`);
      return;
    }
    if (result !== "SUCCESS") {
      collector.passOver(`a push with the result ${quoted(textOf(result) ?? "")}`);
      return;
    }
    collector.push({
      registry: ecrRegistry(textOf(payload["account"]), textOf(payload["region"])),
      repository,
      tag: detail["image-tag"],
      digest: detail["image-digest"],
    });
  },
};
