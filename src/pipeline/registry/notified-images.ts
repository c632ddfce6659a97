import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { type ImageReference, referenceText } from "../../model/packages/reference.ts";
import { isAttachmentTag } from "../../registry/content/list-referrers.ts";
import { notificationSenders } from "../../registry/notifications/builtin.ts";
import type { PushEvent } from "../../registry/notifications/push-notification.ts";
import {
  largestNotification,
  readPushNotification,
  tooLargeNotification,
} from "../../registry/notifications/read-push-notification.ts";
import { openInput } from "../open-input.ts";

/** The images that a notification says were pushed. */
export interface NotifiedImages {
  /** The common name of the sender. */
  readonly sender: string;
  /** Each once, all in one registry. */
  readonly images: readonly ImageReference[];
  /** The registry that the notification names, when the user named another one to be asked instead. */
  readonly insteadOf: string | undefined;
  /** Notices of pushes that cannot be followed: clauses. */
  readonly rejected: readonly string[];
  /** Entries that are not a push of an image: clauses. */
  readonly passedOver: readonly string[];
}

/**
 * The body of a notification in a file; `-` is stdin. Errors: `target-not-found`, `target-unreadable`,
 * `limit-exceeded`, `cancelled`.
 */
export async function readNotificationFile(path: string, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of openInput(path, signal)) {
      if (!(piece instanceof Buffer)) continue;
      size += piece.length;
      if (size > largestNotification) throw tooLargeNotification();
      pieces.push(piece);
    }
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause;
    if (signal.aborted) throw new PlimsollError("cancelled", `reading ${path} was cancelled`, { cause });
    throw new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
  }
  return Buffer.concat(pieces);
}

/**
 * Reads which images a notification says were pushed; what is attached to an image counts as none. `registry` is asked
 * whatever the notification names.
 *
 * Errors: `notification-malformed` also when all of its entries are rejected, `limit-exceeded`, `usage` when it does
 * not name a registry, or names more than one, and the user does not name one.
 */
export function notifiedImages(body: Uint8Array, registry: string | undefined): NotifiedImages {
  const { kind, events, rejected, passedOver } = readPushNotification({ body });
  const sender = notificationSenders.find(({ id }) => id === kind)?.name ?? kind;
  if (events.length === 0 && rejected.length > 0) {
    throw new PlimsollError("notification-malformed", `the notification of ${sender} contains ${rejected.join("; ")}`, {
      hint: "Nothing was scanned; scan the image by its name.",
    });
  }
  const named = new Set(events.map((event) => event.registry));
  const asked = registry ?? (events.length === 0 ? "" : onlyOne(named, sender));
  const [told] = [...named].filter((name) => name !== undefined && name !== asked);
  const references = events.flatMap((event) => referencesOf(event, asked));
  const attached = references.filter(({ tag }) => tag !== undefined && isAttachmentTag(tag));
  const images = references.filter((reference) => !attached.includes(reference));
  return {
    sender,
    images: [...new Map(images.map((image) => [referenceText(image), image])).values()],
    insteadOf: told,
    rejected,
    passedOver: [...passedOver, ...(attached.length > 0 ? ["a push of an artifact attached to an image"] : [])],
  };
}

function onlyOne(named: ReadonlySet<string | undefined>, sender: string): string {
  const [registry] = named;
  if (registry !== undefined && named.size === 1) return registry;
  const message =
    named.size > 1
      ? `the notification of ${sender} contains more than one registry`
      : `the notification of ${sender} does not contain its registry`;
  throw new PlimsollError("usage", message, {
    hint: "Select the registry with --notification-registry HOST.",
  });
}

function referencesOf({ repository, tags, digest }: PushEvent, registry: string): readonly ImageReference[] {
  const place = { registry, repository, ...(digest !== undefined && { digest }) };
  return tags.length === 0 ? [place] : tags.map((tag) => ({ ...place, tag }));
}
