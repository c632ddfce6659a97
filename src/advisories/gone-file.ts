import { PlimsollError } from "../model/error.ts";

/**
 * `feed-unreachable`: a file that was there at the last update is not any more. A withdrawn file looks the same as a
 * mirror that was copied halfway or a server that is failing, and without it every scan would look cleaner; so the part
 * stays as it was. `name` is an address, or a phrase such as `the list of updates of Amazon Linux 2/extras/docker`.
 */
export function goneFile(name: string): PlimsollError {
  return new PlimsollError("feed-unreachable", `${name} existed at the last update but was not found now`, {
    hint: "Data from earlier updates is kept. Try again later, and check that the mirror is complete. If the publisher removed the file permanently, delete the database and update again.",
  });
}
