/** A kind of program that reports pushes in its own form. */
export type NotificationKind =
  | "aliyun"
  | "amazon-ecr"
  | "artifactory"
  | "azure-container-registry"
  | "cloud-events"
  | "distribution"
  | "docker-hub"
  | "ghcr"
  | "gitea"
  | "google-artifact-registry"
  | "harbor"
  | "nexus"
  | "quay"
  | "zot";

/** Something that was pushed to a repository: at least one tag, or a digest. */
export interface PushEvent {
  /** As references name it; undefined when the notification does not say it, or says what no reference can name. */
  readonly registry: string | undefined;
  readonly repository: string;
  /** All that were pushed, in the order of the notification; empty for a push by digest alone. */
  readonly tags: readonly string[];
  /** What was pushed; undefined when the notification does not say it, or says what is not a whole digest. */
  readonly digest: string | undefined;
}

/** What a notification says. At least one of its three lists is not empty. */
export interface PushNotification {
  readonly kind: NotificationKind;
  readonly events: readonly PushEvent[];
  /** Entries about a push without a usable name, each once: a clause that says why. */
  readonly rejected: readonly string[];
  /** Entries that are not a push of an image, such as a deletion, each once: a clause that names the entry. */
  readonly passedOver: readonly string[];
}
