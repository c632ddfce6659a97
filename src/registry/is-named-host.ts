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
