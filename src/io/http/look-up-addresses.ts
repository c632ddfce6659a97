import { lookup } from "node:dns/promises";

/**
 * The addresses of a domain name as text, as the system finds them (`getaddrinfo`: its file of hosts, then DNS),
 * without any order.
 * Errors: those of `node:dns`, with their codes (`ENOTFOUND`, `EAI_AGAIN`, …).
 */
export async function lookUpAddresses(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}
