import type { Fact } from "../../model/checks/fact.ts";

/** What the checks of images look at. */
export interface ImageFacts {
  /** The names that it was requested by or is known by, with tags; empty when it does not have any. */
  readonly tags: readonly string[];
  readonly config: Fact<ImageConfiguration>;
  readonly files: Fact<ImageFiles>;
  readonly accounts: Fact<ImageAccounts>;
}

/**
 * What the configuration of an image says. Source: OCI image-spec, "Image Configuration"; Docker's for `HEALTHCHECK`
 * and `ONBUILD`.
 */
export interface ImageConfiguration {
  /** As written; empty when it names none. */
  readonly user: string;
  /** True for an image of Windows, where there is no root and users have no numbers. */
  readonly isWindows: boolean;
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** `22/tcp`. */
  readonly exposedPorts: readonly string[];
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** `CMD`, `CMD-SHELL` or `NONE`, and its words; absent when it does not have a health check. */
  readonly healthCheck?: readonly string[];
  /** Oldest first. */
  readonly history: readonly ImageHistoryEntry[];
}

/** A step of the build that made an image. */
export interface ImageHistoryEntry {
  /** As the builder wrote it. */
  readonly createdBy: string;
  readonly isEmptyLayer: boolean;
}

/** A file that a check would look at. */
export interface ImageFile {
  /** From the root, with a leading slash. */
  readonly path: string;
  /** Permission bits with set-uid, set-gid and sticky. */
  readonly mode: number;
}

/** Files of an image by what is wrong with them; at most {@link mostImageFiles} of each kind. */
export interface ImageFiles {
  /** Programs with the set-uid or set-gid bit. */
  readonly setId: readonly ImageFile[];
  /** Files that everyone may write, and folders without the sticky bit. */
  readonly worldWritable: readonly ImageFile[];
  /** Files whose names say that credentials are in them. */
  readonly secrets: readonly ImageFile[];
  /** What a build leaves behind: caches, histories, repositories. */
  readonly leftOver: readonly ImageFile[];
  /** The kinds of which there are more. */
  readonly truncated: readonly ImageFileKind[];
}

/** A list of {@link ImageFiles}. */
export type ImageFileKind = "setId" | "worldWritable" | "secrets" | "leftOver";

/** How many files of a kind are kept. */
export const mostImageFiles = 200;

/** Accounts of an image that stand out. */
export interface ImageAccounts {
  /** Accounts that anyone may log in to. */
  readonly withoutPassword: readonly string[];
  /** Names of accounts that have a user id that another one has too. */
  readonly sharedUserIds: readonly { readonly id: string; readonly names: readonly string[] }[];
  readonly sharedGroupIds: readonly { readonly id: string; readonly names: readonly string[] }[];
  /** Names of accounts and of groups that stand twice. */
  readonly doubledNames: readonly string[];
  /** Accounts other than root with the user id 0. */
  readonly otherRoots: readonly string[];
}
