import { expect, test } from "vitest";
import { isOwnAddress, isOwnHost, isPrivateAddress, isPrivateHost } from "./http-private-address.ts";

test.each([
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.1",
  "127.1.2.3",
  "168.63.129.16",
  "169.254.169.254",
  "172.31.0.1",
  "192.168.1.1",
  "198.19.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "fc00::1",
  "fdff::",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "::ffff:10.0.0.1",
  "::ffff:7f00:1",
  "::ffff:0:169.254.169.254",
  "::127.0.0.1",
  "64:ff9b::192.168.0.1",
  "64:ff9b:1::1",
  "2002:a00:1::",
])("%s is not on the public internet", (address) => {
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "172.32.0.1",
  "192.167.255.255",
  "168.63.129.15",
  "223.255.255.255",
  "2606:4700::1",
  "::ffff:8.8.8.8",
  "::ffff:0:8.8.8.8",
  "64:ff9b::8.8.8.8",
  "2002:808:808::",
  "example.org",
  "",
])("%j is on it, or no address", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

/**
 * The blocks of IANA's registries by whether they are globally reachable, without those whose addresses carry another
 * one, and multicast.
 */
const reachability: readonly (readonly [block: string, isReachable: boolean])[] = [
  ["0.0.0.0/8", false],
  ["10.0.0.0/8", false],
  ["100.64.0.0/10", false],
  ["127.0.0.0/8", false],
  ["169.254.0.0/16", false],
  ["172.16.0.0/12", false],
  ["192.0.0.0/29", false],
  ["192.0.0.8/32", false],
  ["192.0.0.9/32", true],
  ["192.0.0.10/32", true],
  ["192.0.0.170/31", false],
  ["192.0.2.0/24", false],
  ["192.31.196.0/24", true],
  ["192.52.193.0/24", true],
  ["192.88.99.0/24", false],
  ["192.168.0.0/16", false],
  ["192.175.48.0/24", true],
  ["198.18.0.0/15", false],
  ["198.51.100.0/24", false],
  ["203.0.113.0/24", false],
  ["224.0.0.0/4", false],
  ["240.0.0.0/4", false],
  ["64:ff9b:1::/48", false],
  ["100::/64", false],
  ["100:0:0:1::/64", false],
  ["2001::/32", false],
  ["2001:1::1/128", true],
  ["2001:1::2/128", true],
  ["2001:1::3/128", true],
  ["2001:1::4/126", false],
  ["2001:2::/48", false],
  ["2001:3::/32", true],
  ["2001:4:111::/48", false],
  ["2001:4:112::/48", true],
  ["2001:4:113::/48", false],
  ["2001:10::/28", false],
  ["2001:20::/28", true],
  ["2001:30::/28", true],
  ["2001:40::/26", false],
  ["2001:1ff::/32", false],
  ["2001:200::/32", true],
  ["2001:db8::/32", false],
  ["2620:4f:8000::/48", true],
  ["3fff::/20", false],
  ["5f00::/16", false],
  ["fc00::/7", false],
  ["fe80::/10", false],
  ["ff00::/8", false],
];

test.each(reachability)(
  "the first and the last address of %s are judged as IANA has them (reachable: %s)",
  (block, isReachable) => {
    const [first = "", last = ""] = endsOf(block);
    for (const address of [first, last]) expect([address, isPrivateAddress(address)]).toEqual([address, !isReachable]);
  },
);

test("an address within is found between others, and where IPv6 carries it", () => {
  const outside = ["192.0.1.255", "192.0.3.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "203.0.112.255"];
  for (const address of outside) expect([address, isPrivateAddress(address)]).toEqual([address, false]);
  for (const carried of ["192.0.2.1", "198.51.100.7", "203.0.113.255", "192.88.99.1"]) {
    const [a = 0, b = 0, c = 0, d = 0] = carried.split(".").map(Number);
    const sixToFour = `2002:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}::1`;
    for (const address of [`::ffff:${carried}`, `::ffff:0:${carried}`, `64:ff9b::${carried}`, sixToFour])
      expect([address, isPrivateAddress(address)]).toEqual([address, true]);
  }
  for (const address of ["::ffff:192.0.0.9", "64:ff9b::192.0.0.10"]) expect(isPrivateAddress(address)).toBe(false);
});

test.each(["localhost", "LOCALHOST.", "registry.localhost", "127.0.0.1", "[::1]", "169.254.169.254"])(
  "the host %s is not on the public internet",
  (host) => {
    expect(isPrivateHost(new URL(`http://${host}/`).hostname)).toBe(true);
  },
);

test.each(["example.org", "localhost.example.org", "8.8.8.8", "[2606:4700::1]"])("the host %s may be", (host) => {
  expect(isPrivateHost(new URL(`http://${host}/`).hostname)).toBe(false);
});

test.each([
  "0.0.0.0",
  "127.0.1.1",
  "169.254.169.254",
  "168.63.129.16",
  "::",
  "::1",
  "fe80::1%eth0",
  "::ffff:127.0.0.1",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::23",
  "fd00:ec2::254",
  "fd20:ce::254",
  "::ffff:100.100.100.200",
])("%s leads each machine elsewhere", (address) => {
  expect(isOwnAddress(address)).toBe(true);
  expect(isPrivateAddress(address)).toBe(true);
});

test.each([
  "10.0.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "100.100.100.201",
  "192.0.0.193",
  "fd00::1",
  "fd00:ec2::253",
  "::ffff:10.0.0.1",
  "8.8.8.8",
  "example.org",
])("%s is the same for all of a network, or no address", (address) => {
  expect(isOwnAddress(address)).toBe(false);
});

test("this machine by its names is its own host", () => {
  const hosts = ["localhost", "registry.LOCALHOST.", "[::1]", "127.1"].map((host) => new URL(`http://${host}/`));
  for (const { hostname } of hosts) expect(isOwnHost(hostname)).toBe(true);
  for (const host of ["gitlab.lan", "10.0.0.1", "[fd00::1]"]) expect(isOwnHost(host)).toBe(false);
});

/** The first and the last address of a block. */
function endsOf(block: string): readonly string[] {
  const [address = "", prefix = ""] = block.split("/");
  const isIpv6 = address.includes(":");
  const [size, count] = isIpv6 ? [16, 8] : [8, 4];
  const groups = isIpv6 ? groupsOf(address) : address.split(".").map(Number);
  const first = groups.reduce((whole, group) => (whole << BigInt(size)) | BigInt(group), 0n);
  const last = first | ((1n << BigInt(size * count - Number(prefix))) - 1n);
  const text = (whole: bigint): string =>
    groups
      .map((_, index) => (whole >> BigInt(size * (count - 1 - index))) & ((1n << BigInt(size)) - 1n))
      .map((group) => group.toString(isIpv6 ? 16 : 10))
      .join(isIpv6 ? ":" : ".");
  return [text(first), text(last)];
}

/** The eight numbers of an address in which `::` stands at most once. */
function groupsOf(address: string): readonly number[] {
  const [head = [], tail = []] = address
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""))
    .map((part) => part.map((group) => Number.parseInt(group, 16)));
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
