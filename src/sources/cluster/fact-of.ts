import { PlimsollError } from "../../model/error.ts";
import type { Fact } from "../../model/fact.ts";

/** What was read of an API, or why it could not be. Error: every other one than `engine-failed`. */
export async function factOf<T>(read: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof PlimsollError && error.code === "engine-failed") return { unavailable: error.message };
    throw error;
  }
}
