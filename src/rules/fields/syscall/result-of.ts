import type { KernelEvent } from "../../state/kernel-event.ts";
import type { EventFacts } from "./event-facts.ts";

/**
 * The number that the system call gave back; `undefined` for events that are not the end of one, or carry no result.
 */
export function resultOf(event: KernelEvent, { isSyscall, isExit, id }: EventFacts): number | undefined {
  if (!isSyscall || !isExit || id === "GENERIC_X" || event.visibleCount === 0) return undefined;
  const length = event.length(0);
  return length === 4 || length === 8 ? event.signed(0, 0) : 0;
}
