import { isOwnHost } from "../../io/http/http-private-address.ts";

/**
 * True for an address on one of the hosts that a user names: `HOST`, `HOST:PORT`, or `*.DOMAIN[:PORT]` for all names
 * below a domain. Without a port it is the usual one of the address's scheme.
 */
export function isNamedHost(address: URL, names: readonly string[]): boolean {
  return names.some((name) => {
    const below = name.startsWith("*.");
    const named = URL.parse(`${address.protocol}//${below ? name.slice(2) : name}`);
    if (!named || named.port !== address.port) return false;
    return below ? address.hostname.endsWith(`.${named.hostname}`) : named.hostname === address.hostname;
  });
}

/**
 * True for an address on the host of `HOST` or `HOST:PORT`, whatever port it has: who runs the one port there runs the
 * others. On the machine that asks, and next to it, that is not so, and it is false.
 */
export function isBeside(address: URL, host: string): boolean {
  const named = URL.parse(`${address.protocol}//${host}`);
  return named?.hostname === address.hostname && !isOwnHost(address.hostname);
}
