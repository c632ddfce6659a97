import { readDistributionEvent } from "./distribution-event.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { elementsOf, objectOf } from "./payload-members.ts";

/**
 * An envelope of any number of `events`.
 *
 * Source: distribution's documentation, "Work with notifications", "Envelope".
 */
export const distributionSender: NotificationSender = {
  id: "distribution",
  name: "distribution",
  isSender: ({ payload }) => Array.isArray(payload["events"]),
  read({ payload }, collector) {
    for (const event of elementsOf(payload["events"])) readDistributionEvent(objectOf(event), collector);
  },
};
