import type { ByteString } from "../../model/events/kernel-event.ts";
import { printAddress } from "../language/ip-address.ts";
import { type Descriptor, descriptorTypes, protocols, type SocketEnds } from "./descriptor.ts";

/** An address of 4 or 16 bytes as text, in the form of `inet_ntop`; empty for any other length. */
export function addressText(address: ByteString): string {
  return printAddress(address) ?? "";
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

/** The name of a connected socket: both ends, without ports for protocols without ports. */
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
