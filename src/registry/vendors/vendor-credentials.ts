import { PlimsollError } from "../../model/error.ts";
import type { Credential, CredentialSource } from "../credentials/credential.ts";
import type { CloudAccounts } from "./cloud-accounts.ts";
import type { MadeCredential, Vendor } from "./vendor.ts";
import { vendorOfHost } from "./vendor-of-host.ts";

/** A credential is renewed when a tenth of its time is left. */
const renewalMargin = 0.1;
/** Milliseconds for which it is remembered that there is no account. */
const noneFor = 5 * 60_000;
/** Milliseconds for which one is not asked again who did not answer or failed. */
const pauseFor = 10_000;

/**
 * The credentials of a source, and without those, the credentials that an account at the registry's cloud receives.
 * Such an account is looked for only for a host of that cloud; what it is given is remembered until it expires. Where
 * anonymous users may read, an account that cannot be used is an obstacle and not an error. A cloud that did not answer
 * or failed is asked again when ten seconds have passed, and there not before as much time has as it took.
 *
 * Errors: those of the source; for a host of a cloud without anonymous access also `usage`, `registry-refused`,
 * `registry-failed`, `registry-unreachable`.
 */
export function withVendorCredentials(source: CredentialSource, accounts: CloudAccounts): CredentialSource {
  const made = new Map<string, { readonly answer: Promise<MadeCredential | undefined>; until: number }>();
  const obstacles = new Map<string, PlimsollError>();
  return {
    async find(registry, repository) {
      return (await source.find(registry, repository)) ?? (await make(registry.toLowerCase()));
    },
    obstacle: (registry) => obstacles.get(registry.toLowerCase()),
    unasked: (registry, repository) => source.unasked?.(registry, repository),
  };

  async function make(registry: string): Promise<Credential | undefined> {
    const vendor = vendorOfHost(registry);
    if (!vendor?.credential) return undefined;
    const known = made.get(registry);
    if (known && Date.now() < known.until) return (await known.answer)?.credential;
    const began = Date.now();
    const entry = { answer: askVendor(vendor, registry), until: Number.POSITIVE_INFINITY };
    made.set(registry, entry);
    try {
      const answer = await entry.answer;
      // Repeated waits for a silent cloud would delay anonymous reads.
      const without = isPassing(obstacles.get(registry)) ? Math.max(pauseFor, Date.now() - began) : noneFor;
      entry.until = Date.now() + (answer ? (answer.until - Date.now()) * (1 - renewalMargin) : without);
      return answer?.credential;
    } catch (cause) {
      if (isPassing(cause)) entry.until = Date.now() + pauseFor;
      else if (made.get(registry) === entry) made.delete(registry);
      throw cause;
    }
  }

  async function askVendor(vendor: Vendor, registry: string): Promise<MadeCredential | undefined> {
    obstacles.delete(registry);
    try {
      return await vendor.credential?.(registry, accounts);
    } catch (cause) {
      if (!(cause instanceof PlimsollError) || cause.code === "cancelled" || !vendor.allowsAnonymousAccess?.(registry))
        throw cause;
      obstacles.set(registry, cause);
      return undefined;
    }
  }
}

function isPassing(cause: unknown): boolean {
  return cause instanceof PlimsollError && ["registry-unreachable", "registry-failed"].includes(cause.code);
}
