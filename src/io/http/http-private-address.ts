import { BlockList, isIP } from "node:net";

/**
 * True for a host, as a URL has it, that is certainly not on the public internet: this machine by its name, or an
 * address of {@link isPrivateAddress}. What another name stands for is to be checked when it is looked up.
 *
 * Source: RFC 6761, section 6.3.
 */
export function isPrivateHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || isPrivateAddress(name);
}

/**
 * True for a host, as a URL has it, that means the machine that asks, or what is next to it alone, and so something
 * else for each: this machine by its name, or an address of {@link isOwnAddress}.
 */
export function isOwnHost(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost") || isOwnAddress(name);
}

/** What the registries have as not globally reachable, or as neither that nor reachable, and multicast. */
const privateAddresses = blockList([
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Microsoft Azure's own services answer there, to its virtual machines alone.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["100:0:0:1::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  // Site-local, deprecated (RFC 3879): networks that still have it mean their own by it.
  ["fec0::", 10],
  ["ff00::", 8],
]);

/** What the registries have as globally reachable within a block that is not. */
const reachableWithin = blockList([
  ["192.0.0.9", 32],
  ["192.0.0.10", 32],
  ["2001:1::1", 128],
  ["2001:1::2", 128],
  ["2001:1::3", 128],
  ["2001:3::", 32],
  ["2001:4:112::", 48],
  ["2001:20::", 28],
  ["2001:30::", 28],
]);

const ownAddresses = blockList([
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  // Where Alibaba Cloud, Oracle, Amazon and Google tell their machines about themselves.
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
  ["fd00:ec2::23", 128],
  ["fd00:ec2::254", 128],
  ["fd20:ce::254", 128],
  ["::", 128],
  ["::1", 128],
  ["fe80::", 10],
]);

/**
 * Where IPv6 addresses carry an IPv4 address, and at which of their eight groups: mapped, translated, compatible,
 * NAT64, 6to4.
 */
const carriers: readonly { readonly list: BlockList; readonly group: number }[] = [
  { list: blockList([["::ffff:0:0", 96]]), group: 6 },
  { list: blockList([["::ffff:0:0:0", 96]]), group: 6 },
  { list: blockList([["::", 96]]), group: 6 },
  { list: blockList([["64:ff9b::", 96]]), group: 6 },
  { list: blockList([["2002::", 16]]), group: 1 },
];

/**
 * True for an IP address that does not lead to the public internet; false for a name. `address` is without brackets.
 *
 * Such are all that IANA does not have as globally reachable: loopback, private, link-local, unique-local, shared and
 * reserved addresses, those for documentation, benchmarks and protocols; further multicast addresses, Microsoft Azure's
 * address for its virtual machines, and IPv6 addresses that carry one of these.
 *
 * Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190) as of 2025; RFC 2765, section
 * 2.1; Microsoft's documentation, "What is IP address 168.63.129.16?".
 */
export function isPrivateAddress(address: string): boolean {
  return isIn(privateAddresses, address) && !isIn(reachableWithin, address);
}

/**
 * True for an IP address, without brackets, that leads each machine elsewhere: loopback, unspecified, link-local,
 * those of clouds for their virtual machines, and IPv6 addresses that carry one of these. Clouds tell their machines
 * secrets there. Sources: as {@link isPrivateAddress}; the documentation of Alibaba Cloud, Amazon EC2, Google Compute
 * Engine and Oracle Cloud, each on instance metadata.
 */
export function isOwnAddress(address: string): boolean {
  return isIn(ownAddresses, address);
}

function isIn(block: BlockList, address: string): boolean {
  const plain = address.replace(/%.*$/s, "");
  const version = isIP(plain);
  if (version === 4) return block.check(plain, "ipv4");
  if (version !== 6) return false;
  if (block.check(plain, "ipv6")) return true;
  return carriers.some(({ list, group }) => list.check(plain, "ipv6") && isIn(block, carried(plain, group)));
}

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, address.includes(":") ? "ipv6" : "ipv4");
  return list;
}

/** The IPv4 address in two of the groups of an IPv6 address. */
function carried(address: string, group: number): string {
  const groups = groupsOf(address);
  const [high = 0, low = 0] = [groups[group], groups[group + 1]];
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
}

/** The eight numbers of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [before = "", after] = canonical.split("::");
  const numbers = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const head = numbers(before);
  if (after === undefined) return head;
  const tail = numbers(after);
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
