import { isJsonObject } from "../../model/objects/json-object.ts";
import { readDistributionEvent } from "./distribution-event.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { textOf } from "./payload-members.ts";

/**
 * One event of distribution without an envelope; `ping` when a webhook is tried.
 *
 * Source: Microsoft's documentation, "Azure Container Registry webhook reference".
 */
export const azureContainerRegistrySender: NotificationSender = {
  id: "azure-container-registry",
  name: "Azure Container Registry",
  isSender: ({ payload }) =>
    textOf(payload["action"]) !== undefined && (isJsonObject(payload["target"]) || isPing(payload)),
  read: ({ payload }, collector) => readDistributionEvent(payload, collector),
};

function isPing({ action, id, timestamp }: Readonly<Record<string, unknown>>): boolean {
  return action === "ping" && textOf(id) !== undefined && textOf(timestamp) !== undefined;
}
