import type { JsonObject } from "../../model/objects/json-object.ts";
import type { PushCollector } from "./push-collector.ts";
import type { NotificationKind } from "./push-notification.ts";

/** A notification as it came, its body parsed. */
export interface ReceivedNotification {
  readonly payload: JsonObject;
  /** The value of a header by its name in lower case; undefined when there is none, or more than one. */
  readonly header: (name: string) => string | undefined;
}

/**
 * One kind of program that sends notifications of pushes. Nothing of a notification is to be trusted: the collector
 * holds names against their grammar.
 */
export interface NotificationSender {
  readonly id: NotificationKind;
  /** As people call it. */
  readonly name: string;
  /**
   * True when a notification comes from such a program, by its headers or its form. No notification is that of two
   * senders.
   */
  readonly isSender: (notification: ReceivedNotification) => boolean;
  /**
   * Hands what a notification says to the collector, whatever form it has. Error: `limit-exceeded` for a list that is
   * too long.
   */
  readonly read: (notification: ReceivedNotification, collector: PushCollector) => void;
}
