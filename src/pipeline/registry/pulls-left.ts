import { durationText } from "../../registry/connection/pull-limits.ts";
import type { RegistryClient } from "../../registry/connection/registry-client.ts";

/**
 * How many pulls a registry has left for who asked last, as `7 of 100 pulls in 6 hours`; undefined while that is more
 * than a tenth, and where nothing is said of it, not for how long, or that the limit is nothing.
 */
export function fewPullsLeft(client: Pick<RegistryClient, "rateLimit">, registry: string): string | undefined {
  const told = client.rateLimit(registry);
  if (!told?.window || told.limit === 0 || told.remaining * 10 > told.limit) return undefined;
  return `${told.remaining} of ${told.limit} pulls in ${durationText(told.window)}`;
}
