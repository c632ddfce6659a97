import { expect, test } from "vitest";
import { Descriptor, descriptorTypes, SocketEnds } from "./descriptor.ts";
import { NetworkInterfaces } from "./network-interfaces.ts";

const loopback = "\x7f\0\0\x01";
const own = "\xac\x10\x05\x02";
const interfaces = new NetworkInterfaces([
  { name: "lo", address: loopback, netmask: "\xff\0\0\0" },
  { name: "eth0", address: own, netmask: "\xff\xff\xff\0" },
  { name: "eth0", address: `\xfe\x80${"\0".repeat(13)}\x05` },
]);

function completed(
  source: string,
  destination: string,
  ports: readonly [number, number] = [1, 2],
): readonly [string, string] {
  const descriptor = new Descriptor();
  descriptor.type = source.length === 4 ? descriptorTypes.ipv4Socket : descriptorTypes.ipv6Socket;
  const ends = new SocketEnds();
  [ends.sourceAddress, ends.destinationAddress] = [source, destination];
  [ends.sourcePort, ends.destinationPort] = ports;
  interfaces.complete(descriptor, ends);
  return [ends.sourceAddress, ends.destinationAddress];
}

test("an end that says any becomes the address that the machine uses towards the other", () => {
  const any = "\0\0\0\0";
  expect(completed(any, "\xac\x10\x05\x09")).toEqual([own, "\xac\x10\x05\x09"]);
  expect(completed(any, "\x08\x08\x08\x08")).toEqual([own, "\x08\x08\x08\x08"]);
  expect(completed(any, "\x7f\0\0\x05")).toEqual([loopback, "\x7f\0\0\x05"]);
  expect(completed(own, any)).toEqual([own, own]);
  expect(completed(own, any, [7, 7])).toEqual([own, any]);
  expect(completed(own, "\x08\x08\x08\x08")).toEqual([own, "\x08\x08\x08\x08"]);
});

test("addresses of interfaces are local, for IPv6 also those of their networks", () => {
  expect([interfaces.isLocal(own), interfaces.isLocal("\xac\x10\x05\x03")]).toEqual([true, false]);
  expect(interfaces.isLocal(`\xfe\x80${"\0".repeat(13)}\x09`)).toBe(true);
  expect(interfaces.isLocal(`\x20\x01${"\0".repeat(13)}\x09`)).toBe(false);
});
