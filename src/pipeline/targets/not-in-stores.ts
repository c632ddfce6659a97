import { PlimsollError } from "../../model/error.ts";

/** Error: `image-not-found` for a name that none of these stores, folders or sockets, has. */
export function notInStores(name: string, stores: readonly string[]): PlimsollError {
  const message = `no image in ${stores.join(" or ")} is named ${JSON.stringify(name)}`;
  return new PlimsollError("image-not-found", message, {
    hint: "Write the whole name with registry and tag, as the engine lists it.",
  });
}
