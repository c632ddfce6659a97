import type { Fact } from "../model/checks/fact.ts";
import { type ErrorCode, PlimsollError } from "../model/error.ts";

/**
 * What was collected, or the reason why not, in the words of the error. Thrown are errors of other codes than these, of
 * no code, and all once the signal has aborted.
 */
export async function factOf<T>(
  collect: () => Promise<T>,
  { signal, codes }: { readonly signal: AbortSignal; readonly codes?: readonly ErrorCode[] },
): Promise<Fact<T>> {
  try {
    return { value: await collect() };
  } catch (error) {
    if (signal.aborted || !(error instanceof PlimsollError) || codes?.includes(error.code) === false) throw error;
    return { unavailable: error.message };
  }
}
