import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { headerOf, type NotificationHeaders } from "./notification-headers.ts";

/** The senders that can prove a notification, each in its own way; `generic` is a secret in `X-Webhook-Secret`. */
export type NotificationSigner =
  | "artifactory"
  | "bitbucket"
  | "generic"
  | "ghcr"
  | "gitea"
  | "gitlab"
  | "harbor"
  | "nexus";

/** Parts of a notification that are verified with a secret. */
export interface SignedNotification {
  readonly signer: NotificationSigner;
  /** All headers, as Node gives them. */
  readonly headers: NotificationHeaders;
  /** The bytes as they came: the same JSON written otherwise has another signature. */
  readonly body: string | Uint8Array;
  /** What both sides were given; with an empty one nothing is valid. */
  readonly secret: string;
}

/** How a signer proves it: an HMAC of the body in hexadecimal after a prefix, or the secret itself. */
type Proof =
  | { readonly header: string; readonly algorithm: "sha256" | "sha1"; readonly prefix: string }
  | { readonly header: string; readonly algorithm: "none" };

/**
 * Sources: GitHub, JFrog, Sonatype, Gitea and Bitbucket on the signatures of their webhooks; Harbor's `Auth Header`;
 * GitLab's `Secret token`.
 */
const proofs: Readonly<Record<NotificationSigner, Proof>> = {
  artifactory: { header: "x-jfrog-event-auth", algorithm: "sha256", prefix: "" },
  bitbucket: { header: "x-hub-signature", algorithm: "sha256", prefix: "sha256=" },
  generic: { header: "x-webhook-secret", algorithm: "none" },
  ghcr: { header: "x-hub-signature-256", algorithm: "sha256", prefix: "sha256=" },
  gitea: { header: "x-gitea-signature", algorithm: "sha256", prefix: "" },
  gitlab: { header: "x-gitlab-token", algorithm: "none" },
  harbor: { header: "authorization", algorithm: "none" },
  nexus: { header: "x-nexus-webhook-signature", algorithm: "sha1", prefix: "" },
};

/**
 * True when a notification proves that its sender knows the secret. False without the signer's header, with more than
 * one of it, and for any other value; never an error. How long it takes does not tell where a value differs.
 */
export function isNotificationSigned({ signer, headers, body, secret }: SignedNotification): boolean {
  const proof = Object.hasOwn(proofs, signer) ? proofs[signer] : undefined;
  const value = proof && headerOf(headers, proof.header);
  if (!proof || value === undefined || secret === "") return false;
  if (proof.algorithm === "none") return isSameText(value, secret);
  const expected = createHmac(proof.algorithm, secret).update(body).digest("hex");
  return isSameText(value.toLowerCase(), `${proof.prefix}${expected}`);
}

/** Hashes have one length, whatever the texts have. */
function isSameText(value: string, expected: string): boolean {
  const [given, wanted] = [value, expected].map((text) => createHash("sha256").update(text).digest());
  return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted);
}
