import type { Challenge } from "../authorization/challenge.ts";
import type { RegistryClient } from "../connection/registry-client.ts";
import type { Credential } from "../credentials/credential.ts";
import type { CloudAccounts } from "./cloud-accounts.ts";

/**
 * A kind of registry, and what it does in a way of its own: how it lists its repositories, and how an account at its
 * vendor becomes a credential. Each has a page `docs/registries/ID.md`.
 */
export interface Vendor {
  readonly id: string;
  /** As its page is titled. */
  readonly name: string;
  /** True for the `HOST[:PORT]` of a registry that only this vendor can run. Anchored: it decides where secrets go. */
  readonly isHost?: (host: string) => boolean;
  /** True for the answer of such a registry to an anonymous request for `/v2/`. */
  readonly isShown?: (signs: RegistrySigns) => boolean;
  /**
   * The names of the repositories, at least those at or below the prefix; the caller leaves out others and repetitions.
   */
  readonly list: (place: ListedPlace) => AsyncGenerator<string>;
  /** How many tags such a registry is asked for at once, where it may not tell the rest; else as many as others. */
  readonly tagsOnPage?: number;
  /** A credential for a registry of {@link Vendor.isHost}, made from an account; undefined without such an account. */
  readonly credential?: (registry: string, accounts: CloudAccounts) => Promise<MadeCredential | undefined>;
  /**
   * True for such a registry that may allow anonymous reads: there an account that cannot be used is not an obstacle
   * until it refuses.
   */
  readonly allowsAnonymousAccess?: (registry: string) => boolean;
}

/** The place to list. */
export interface ListedPlace {
  readonly client: RegistryClient;
  readonly registry: string;
  /** Empty for the whole registry; without slashes at its ends. */
  readonly prefix: string;
  /** The credential that the user has for it. Errors: those of the source of credentials. */
  readonly credential: () => Promise<Credential | undefined>;
  /** What the registry shows of itself, asked for once. Errors: those of a request. */
  readonly signs: () => Promise<RegistrySigns>;
  /** Hears, as a clause, why the list may lack something. */
  readonly problem: (reason: string) => void;
  /** Hears of names that the registry lists and that are none of a repository; of what is not text, its kind. */
  readonly misfit: (name: string, isText?: boolean) => void;
}

/** A credential that was made, and until when it holds, in milliseconds since 1970. */
export interface MadeCredential {
  readonly credential: Credential;
  readonly until: number;
}

/** The signs that a registry shows to an anonymous client. */
export interface RegistrySigns {
  readonly challenges: readonly Challenge[];
  /** Where it sends for tokens, when that may be asked, and the service that it calls itself. */
  readonly bearer: { readonly realm: URL; readonly service: string | undefined } | undefined;
  /** A header of its answer, by its name in lower case; empty when there is none. */
  readonly header: (name: string) => string;
}
