import { Patience } from "../../io/http/patience.ts";
import { PlimsollError } from "../../model/error.ts";
import { cancelled, unreachable } from "./registry-failure.ts";
import type { RegistryLimits } from "./registry-settings.ts";

/** What attempts share. */
export interface RetryOptions {
  /** How errors name the registry. */
  readonly registry: string;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
}

/** Attempts at one piece of work of a registry. Its errors: `registry-unreachable`, `cancelled`. */
export function registryPatience({ registry, limits, signal }: RetryOptions): Patience {
  return new Patience({
    ...limits,
    signal,
    givenUp: (reason, cause) => unreachable(registry, reason, { cause }),
    cancelled: () => cancelled(signal),
  });
}

/** The result of the first attempt that succeeds. Errors: those of {@link registryPatience} and of the attempts. */
export async function retried<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const patience = registryPatience(options);
  for (;;) {
    try {
      return await attempt();
    } catch (cause) {
      if (cause instanceof PlimsollError) throw cause;
      await patience.afterFailure(cause);
    }
  }
}
