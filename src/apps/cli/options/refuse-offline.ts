import { PlimsollError } from "../../../model/error.ts";
import { isOffline } from "../environment.ts";

/** Refuses what asks something over a network where `PLIMSOLL_OFFLINE` forbids it; `what` is a noun. Error: `usage`. */
export function refuseOffline(what: string): void {
  if (!isOffline(undefined)) return;
  throw new PlimsollError("usage", `${what} needs the network, which PLIMSOLL_OFFLINE forbids`, {
    hint: "Unset the variable, or set it to 0.",
  });
}
