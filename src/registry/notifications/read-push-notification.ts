import { PlimsollError } from "../../model/error.ts";
import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { notificationSenders } from "./builtin.ts";
import { headerOf, type NotificationHeaders } from "./notification-headers.ts";
import type { NotificationSender, ReceivedNotification } from "./notification-sender.ts";
import { PushCollector } from "./push-collector.ts";
import type { NotificationKind, PushNotification } from "./push-notification.ts";

/** A notification as it was received. */
export type NotificationInput = {
  /**
   * By name, in any case, as Node gives them. Some senders are recognised by them, and some CloudEvents have half of
   * their attributes there.
   */
  readonly headers?: NotificationHeaders;
  /** The sender, when it is known; else it is found from the headers and the form. */
  readonly kind?: NotificationKind;
} & (
  | {
      /** The body as it came: JSON in UTF-8. */
      readonly body: string | Uint8Array;
    }
  | {
      /** The body as it was parsed. */
      readonly payload: unknown;
    }
);

/** The largest body of a notification, in bytes. */
export const largestNotification: number = 8 * 1024 * 1024;

/**
 * What a registry's notification says was pushed. It is a hint from outside: it does not prove anything, and an
 * outsider may have chosen a registry that it names.
 *
 * Errors: `notification-malformed` for what is not JSON, or of no form that is known; `limit-exceeded` for a body
 * beyond {@link largestNotification} and for lists of more than a thousand elements; `usage` for a kind that there is
 * not.
 */
export function readPushNotification(input: NotificationInput): PushNotification {
  const { headers = {}, kind } = input;
  const header = (name: string): string | undefined => headerOf(headers, name);
  const notification = {
    payload: structured("body" in input ? parsed(input.body) : objectIn(input.payload), header),
    header,
  };
  const sender = kind === undefined ? senderOf(notification) : senderCalled(kind);
  const collector = new PushCollector();
  sender.read(notification, collector);
  return collector.result(sender.id);
}

/** The error for a body beyond {@link largestNotification}. */
export function tooLargeNotification(): PlimsollError {
  return new PlimsollError("limit-exceeded", `the notification is larger than ${largestNotification} bytes`, {
    hint: "No registry sends that much data; check the source of the notification.",
  });
}

function parsed(body: string | Uint8Array): JsonObject {
  if (Buffer.byteLength(body) > largestNotification) throw tooLargeNotification();
  try {
    const text = typeof body === "string" ? body : new TextDecoder("utf-8", { fatal: true }).decode(body);
    return objectIn(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    // What V8 says quotes the text, in which there may be a secret.
    throw malformed("the notification is not JSON in UTF-8");
  }
}

function objectIn(payload: unknown): JsonObject {
  if (isJsonObject(payload)) return payload;
  throw malformed("the notification is not a JSON object");
}

/**
 * A CloudEvent in the binary mode has its attributes in headers; here they stand beside `data`. CloudEvents HTTP
 * binding 1.0.2, 3.1.
 */
function structured(payload: JsonObject, header: ReceivedNotification["header"]): JsonObject {
  const specversion = header("ce-specversion");
  if (specversion === undefined) return payload;
  const [type, source, subject] = ["ce-type", "ce-source", "ce-subject"].map(header);
  return { specversion, type, source, subject, data: payload };
}

function senderOf(notification: ReceivedNotification): NotificationSender {
  const sender = notificationSenders.find(({ isSender }) => isSender(notification));
  if (sender) return sender;
  throw malformed("the notification is not in the format of a supported registry");
}

function senderCalled(kind: string): NotificationSender {
  const sender = notificationSenders.find(({ id }) => id === kind);
  if (sender) return sender;
  throw new PlimsollError("usage", `${JSON.stringify(kind)} is not a supported type of notification`, {
    hint: `Use one of ${notificationSenders.map(({ id }) => id).join(", ")}.`,
  });
}

function malformed(message: string): PlimsollError {
  return new PlimsollError("notification-malformed", message, {
    hint: "Pass the request body unchanged. docs/notifications.md lists the supported registries.",
  });
}
