import { PlimsollError } from "../../model/error.ts";

/** Error: `image-not-found` for a name that none of these stores, folders or sockets, has. */
export function notInStores(name: string, stores: readonly string[]): PlimsollError {
  return new PlimsollError("image-not-found", messageOf(name, stores), { hint: wholeName });
}

/** Error: `image-not-found` for a name that Podman does not have, asked where its service listens. */
export function notInPodman(name: string, addresses: readonly string[]): PlimsollError {
  const message = `Podman at ${addresses.join(" or ")} has no image named ${JSON.stringify(name)}`;
  return new PlimsollError("image-not-found", message, { hint: wholeName });
}

/**
 * Error: `target-unreadable` for a name that none of these stores has, beside one that cannot be read, for the reason
 * that `unreadable` tells.
 */
export function notInReadableStores(
  name: string,
  { stores, unreadable }: { readonly stores: readonly string[]; readonly unreadable: PlimsollError },
): PlimsollError {
  if (stores.length === 0) return unreadable;
  const { message, hint } = unreadable;
  return new PlimsollError("target-unreadable", `${messageOf(name, stores)}, and ${message}`, {
    hint: hint === undefined ? wholeName : `${wholeName} Or for the other store: ${hint}`,
    cause: unreadable,
  });
}

const wholeName = "Use the full name with registry and tag, as the engine lists it.";

function messageOf(name: string, stores: readonly string[]): string {
  return `no image in ${stores.join(" or ")} is named ${JSON.stringify(name)}`;
}
