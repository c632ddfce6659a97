import { PlimsollError } from "../model/error.ts";

/** Error: `cancelled` once the signal of a scan is aborted. */
export function refuseCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new PlimsollError("cancelled", "the scan was cancelled", { cause: signal.reason });
}
