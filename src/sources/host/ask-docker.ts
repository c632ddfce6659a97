import { PlimsollError } from "../../model/error.ts";

/** How an engine is asked: resolves with undefined for what it does not have. */
export type AskDocker = (path: string) => Promise<unknown>;

const askedAtOnce = 8;

/** What was collected of each item, in the items' order, of a few at once. */
export async function collectEach<Item, T>(items: readonly Item[], collect: (item: Item) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let start = 0; start < items.length; start += askedAtOnce) {
    all.push(...(await Promise.all(items.slice(start, start + askedAtOnce).map(collect))));
  }
  return all;
}

/** The error for an answer that is not of Docker's form. */
export function unexpectedDockerResponse(what: string): PlimsollError {
  return new PlimsollError("engine-failed", `the engine returned an unexpected response for ${what}`, {
    hint: "Check the log of the engine.",
  });
}
