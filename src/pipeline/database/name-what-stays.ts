import { statSync } from "node:fs";
import { PlimsollError } from "../../model/error.ts";

const ofContent: readonly string[] = ["feed-unreachable", "feed-malformed", "limit-exceeded"];

/**
 * The failure of a run that wrote nothing. A failure of a feed is repeated with the hint that the database in this
 * place is unchanged; any other failure is given back unchanged, and so is every failure when the place is empty or
 * holds an empty file.
 */
export function nameWhatStays(cause: unknown, place: string): unknown {
  if (!(cause instanceof PlimsollError) || !ofContent.includes(cause.code) || !isFilled(place)) return cause;
  const stays = "The previous database is unchanged.";
  const hint = cause.hint === undefined ? stays : `${cause.hint} ${stays}`;
  return new PlimsollError(cause.code, cause.message, { hint, cause });
}

function isFilled(place: string): boolean {
  const found = statSync(place, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size > 0;
}
