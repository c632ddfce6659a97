import { isIPv4, isIPv6 } from "node:net";
import { AddressValue, isMapped, NetworkValue } from "../values/address-value.ts";
import { EvaluationFault } from "../values/fault.ts";
import { type Overload, overload } from "./overload.ts";

/** IP addresses and networks, by k8s.io/apiserver, pkg/cel/library/ip.go and cidr.go. */
export const addressFunctions: readonly Overload[] = [
  overload("isIP", { takes: ["string"], gives: "bool", run: ([text]) => typeof readAddress(text) !== "string" }),
  overload("ip", { takes: ["string"], gives: "address", run: ([text]) => parseAddress(text) }),
  overload("ip.isCanonical", {
    takes: ["string"],
    gives: "bool",
    run: ([text]) => addressText(parseAddress(text)) === text,
  }),
  overload("string", { takes: ["address"], gives: "string", run: ([address]) => addressText(address) }),
  overload(".family", { takes: ["address"], gives: "int", run: ([{ bytes }]) => (bytes.length === 4 ? 4n : 6n) }),
  property("isUnspecified", (bytes) => bytes.every((byte) => byte === 0)),
  property("isLoopback", isLoopback),
  property("isLinkLocalMulticast", (bytes) =>
    bytes.length === 4
      ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
      : bytes[0] === 255 && lowNibble(bytes[1]) === 2,
  ),
  property("isLinkLocalUnicast", isLinkLocal),
  property("isGlobalUnicast", isGlobalUnicast),

  overload("isCIDR", { takes: ["string"], gives: "bool", run: ([text]) => typeof readNetwork(text) !== "string" }),
  overload("cidr", { takes: ["string"], gives: "network", run: ([text]) => parseNetwork(text) }),
  overload("string", { takes: ["network"], gives: "string", run: ([network]) => networkText(network) }),
  overload(".containsIP", {
    takes: ["network", "address"],
    gives: "bool",
    run: ([network, address]) => contains(network, address.bytes),
  }),
  overload(".containsIP", {
    takes: ["network", "string"],
    gives: "bool",
    run: ([network, text]) => contains(network, parseAddress(text).bytes),
  }),
  overload(".containsCIDR", {
    takes: ["network", "network"],
    gives: "bool",
    run: ([network, part]) => containsNetwork(network, part),
  }),
  overload(".containsCIDR", {
    takes: ["network", "string"],
    gives: "bool",
    run: ([network, text]) => containsNetwork(network, parseNetwork(text)),
  }),
  overload(".ip", { takes: ["network"], gives: "address", run: ([{ address }]) => address }),
  overload(".masked", {
    takes: ["network"],
    gives: "network",
    run: ([{ address, prefixLength }]) =>
      new NetworkValue(new AddressValue(masked(address.bytes, prefixLength)), prefixLength),
  }),
  overload(".prefixLength", { takes: ["network"], gives: "int", run: ([{ prefixLength }]) => BigInt(prefixLength) }),
];

function property(name: string, holds: (bytes: Uint8Array) => boolean): Overload {
  return overload(`.${name}`, { takes: ["address"], gives: "bool", run: ([{ bytes }]) => holds(bytes) });
}

/** An address, or why a text is none. */
function readAddress(text: string): AddressValue | string {
  if (text.includes("%")) return "IP Address with zone value is not allowed";
  if (isIPv4(text)) return new AddressValue(Uint8Array.from(text.split("."), Number));
  if (!isIPv6(text)) return `IP Address '${text.slice(0, 60)}' parse error during conversion from string`;
  const bytes = bytesOfIPv6(text);
  if (isMapped(bytes) && text.includes(".")) return "IPv4-mapped IPv6 address is not allowed";
  return new AddressValue(bytes);
}

function parseAddress(text: string): AddressValue {
  const read = readAddress(text);
  if (typeof read === "string") throw new EvaluationFault(read);
  return read;
}

function bytesOfIPv6(text: string): Uint8Array {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hexadecimal = dotted ? `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}` : text;
  const [left = "", right] = hexadecimal.split("::");
  const groups = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const before = groups(left);
  const after = right === undefined ? [] : groups(right);
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => "0"), ...after];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]));
}

function pair(high: string | undefined, low: string | undefined): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}

/** As RFC 5952 writes it. */
function addressText({ bytes }: AddressValue): string {
  if (bytes.length === 4) return bytes.join(".");
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0));
  let start = -1;
  let length = 1;
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && groups[to] === 0) to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** A network, or why a text is none. */
function readNetwork(text: string): NetworkValue | string {
  const slash = text.lastIndexOf("/");
  const length = text.slice(slash + 1);
  if (text.includes("%")) return "CIDR with zone value is not allowed";
  const failure = `network address parse error during conversion from string: ${text.slice(0, 60)}`;
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return failure;
  const address = readAddress(text.slice(0, slash));
  if (typeof address === "string") return address.startsWith("IPv4-mapped") ? address : failure;
  return Number(length) > address.bytes.length * 8 ? failure : new NetworkValue(address, Number(length));
}

function parseNetwork(text: string): NetworkValue {
  const read = readNetwork(text);
  if (typeof read === "string") throw new EvaluationFault(read);
  return read;
}

function networkText({ address, prefixLength }: NetworkValue): string {
  return `${addressText(address)}/${prefixLength}`;
}

function masked(bytes: Uint8Array, prefixLength: number): Uint8Array {
  return bytes.map((byte, index) => byte & (0xff00 >> Math.min(Math.max(prefixLength - index * 8, 0), 8)) & 0xff);
}

function contains({ address, prefixLength }: NetworkValue, bytes: Uint8Array): boolean {
  if (bytes.length !== address.bytes.length) return false;
  return Buffer.compare(masked(bytes, prefixLength), masked(address.bytes, prefixLength)) === 0;
}

function containsNetwork(network: NetworkValue, part: NetworkValue): boolean {
  return part.prefixLength >= network.prefixLength && contains(network, part.address.bytes);
}

function lowNibble(byte: number | undefined): number {
  return (byte ?? 0) & 15;
}

function isLoopback(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes[15] === 1 && bytes.subarray(0, 15).every((byte) => byte === 0);
}

function isLinkLocal(bytes: Uint8Array): boolean {
  if (bytes.length === 4) return bytes[0] === 169 && bytes[1] === 254;
  return bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

function isGlobalUnicast(bytes: Uint8Array): boolean {
  const isMulticast = bytes.length === 4 ? ((bytes[0] ?? 0) & 0xf0) === 224 : bytes[0] === 255;
  const isBroadcast = bytes.length === 4 && bytes.every((byte) => byte === 255);
  const isUnspecified = bytes.every((byte) => byte === 0);
  return !isMulticast && !isBroadcast && !isUnspecified && !isLoopback(bytes) && !isLinkLocal(bytes);
}
