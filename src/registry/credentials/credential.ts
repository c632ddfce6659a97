import type { PlimsollError } from "../../model/error.ts";
import type { Secret } from "./secret.ts";

/** What proves to a registry who asks. */
export type Credential =
  /** A user name and a password, or what stands in its place: an access token, a robot's secret, a key file. */
  | { readonly kind: "basic"; readonly username: string; readonly password: Secret }
  /**
   * A token that is exchanged at the realm of a Bearer challenge for tokens of the registry (OAuth 2 refresh token).
   */
  | { readonly kind: "identity-token"; readonly token: Secret; readonly username?: string }
  /** A token that is sent to the registry itself, as `Authorization: Bearer`. */
  | { readonly kind: "registry-token"; readonly token: Secret };

/** Where the credentials of registries come from. */
export interface CredentialSource {
  /**
   * The credential for a registry, as `ImageReference.registry` names it, and for one of its repositories when that is
   * named: some are for a path only. Undefined when there is none: ask without. An answer is remembered for five
   * minutes, so that a helper need not run for each request and a token that was exchanged on disk is still seen.
   *
   * Ask only once a registry demands a credential: then a broken file does not stand in the way of what is public.
   *
   * Errors: `usage`, `file-malformed` and `target-unreadable` when a variable, a file or a credential helper that
   * should know is wrong, cannot be read or fails, and nothing else in its place has one; the message names it, and
   * never what is in it.
   */
  find(registry: string, repository?: string): Promise<Credential | undefined>;

  /**
   * The reason why {@link CredentialSource.find} gave none, where an account is configured and cannot be used, and the
   * registry may allow anonymous access all the same: the error in place of its refusal.
   */
  obstacle?(registry: string): PlimsollError | undefined;

  /**
   * What the last {@link CredentialSource.find} for a registry and that repository should have asked first and could
   * not, whether it gave a credential or not: a helper that fails, a file that is closed or missing. It is reported
   * beside the registry's refusal. Undefined also when so many others were looked for since that it is forgotten.
   */
  unasked?(registry: string, repository?: string): PlimsollError | undefined;
}
