import type { ByteString } from "../../model/kernel-event.ts";
import { type Descriptor, descriptorTypes, protocols, type SocketEnds } from "./descriptor.ts";

/** An address of 4 or 16 bytes as text, in the form of `inet_ntop`. */
export function addressText(address: ByteString): string {
  if (address.length === 4) {
    return `${address.charCodeAt(0)}.${address.charCodeAt(1)}.${address.charCodeAt(2)}.${address.charCodeAt(3)}`;
  }
  const words: number[] = [];
  for (let at = 0; at < 16; at += 2) words.push((address.charCodeAt(at) << 8) | address.charCodeAt(at + 1));
  const [start, length] = longestZeros(words);
  // An embedded IPv4 address: `::1.2.3.4` and `::ffff:1.2.3.4`.
  const isEmbedded =
    start === 0 && (length === 6 || (length === 7 && words[7] !== 1) || (length === 5 && words[5] === 0xffff));
  let text = "";
  const end = isEmbedded ? 6 : 8;
  for (let at = 0; at < end; at++) {
    if (length > 0 && at === start) {
      text += "::";
      at += Math.min(length, end - start) - 1;
      continue;
    }
    if (text !== "" && !text.endsWith(":")) text += ":";
    text += (words[at] as number).toString(16);
  }
  if (!isEmbedded) return text;
  return `${text}${text.endsWith(":") ? "" : ":"}${addressText(address.slice(12))}`;
}

/** The first of the longest runs of at least two zeros. */
function longestZeros(words: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [-1, 0];
  for (let at = 0; at < words.length; at++) {
    let length = 0;
    while (words[at + length] === 0) length++;
    if (length > Math.max(1, best[1])) best = [at, length];
    at += length;
  }
  return best;
}

/** `address:port`, as the names of sockets have it. */
export function endText(address: ByteString, port: number): string {
  return `${addressText(address)}:${port}`;
}

/** An IPv6 address that stands for an IPv4 one; the one without any bit counts as well. */
export function isMappedIpv4(address: ByteString): boolean {
  if (!address.startsWith("\0\0\0\0\0\0\0\0\0\0")) return false;
  return address.startsWith("\xff\xff", 10) || address.startsWith("\0\0\0\0\0\0", 10);
}

/** The name of a connected socket: both ends, without ports for what has none. */
export function socketName({ type, protocol }: Descriptor, ends: SocketEnds): string {
  const isIpv6 = type === descriptorTypes.ipv6Socket;
  const { sourceAddress, sourcePort, destinationAddress, destinationPort } = ends;
  const isMapped = isIpv6 && isMappedIpv4(sourceAddress) && isMappedIpv4(destinationAddress);
  const source = isMapped ? sourceAddress.slice(12) : sourceAddress;
  const destination = isMapped ? destinationAddress.slice(12) : destinationAddress;
  if (protocol === protocols.tcp || protocol === protocols.udp) {
    return `${endText(source, sourcePort)}->${endText(destination, destinationPort)}`;
  }
  if (protocol === protocols.icmp || (protocol === protocols.raw && !isIpv6)) {
    return `${addressText(source)}->${addressText(destination)}`;
  }
  return "<unknown>";
}
