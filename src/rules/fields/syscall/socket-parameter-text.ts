import { endText, isMappedIpv4 } from "../../state/socket-text.ts";

const unix = 1;
const ipv4 = 2;
const ipv6 = 10;

/** A `SOCKADDR` parameter as text: `127.0.0.1:53`, `::1:53`, or the path of a Unix socket. */
export function socketAddressText(bytes: Buffer, at: number, length: number): string {
  const family = bytes[at] as number;
  switch (family) {
    case unix:
      return length >= 2 ? terminated(bytes, at + 1, at + length) : "INVALID PATH";
    case ipv4:
      return length >= 7 ? end(bytes, at + 1, 4) : "INVALID IPv4";
    case ipv6:
      return length >= 19 ? end(bytes, at + 1, 16) : "INVALID IPv6";
    default:
      return `family ${family}`;
  }
}

/**
 * A `SOCKTUPLE` parameter as text: `10.0.0.1:1234->10.0.0.2:80`, or the kernel's addresses and the path of a Unix
 * socket. IPv6 ends that both stand for IPv4 ones print as those.
 */
export function socketTupleText(bytes: Buffer, at: number, length: number): string {
  const family = bytes[at] as number;
  switch (family) {
    case unix:
      if (length < 18) return "INVALID PATH";
      return `${hexadecimal(bytes, at + 1)}->${hexadecimal(bytes, at + 9)} ${terminated(bytes, at + 17, at + length)}`;
    case ipv4:
      return length >= 13 ? `${end(bytes, at + 1, 4)}->${end(bytes, at + 7, 4)}` : "INVALID IPv4";
    case ipv6:
      if (length < 37) return "INVALID IPv6";
      return standsForIpv4(bytes, at + 1) && standsForIpv4(bytes, at + 19)
        ? `${end(bytes, at + 13, 4)}->${end(bytes, at + 31, 4)}`
        : `${end(bytes, at + 1, 16)}->${end(bytes, at + 19, 16)}`;
    default:
      return `family ${family}`;
  }
}

function end(bytes: Buffer, at: number, width: number): string {
  return endText(bytes.toString("latin1", at, at + width), bytes.readUInt16LE(at + width));
}

function standsForIpv4(bytes: Buffer, at: number): boolean {
  return isMappedIpv4(bytes.toString("latin1", at, at + 16));
}

function hexadecimal(bytes: Buffer, at: number): string {
  return bytes.readBigUInt64LE(at).toString(16);
}

function terminated(bytes: Buffer, from: number, to: number): string {
  const zero = bytes.indexOf(0, from);
  return bytes.toString("latin1", from, zero < 0 || zero > to ? to : zero);
}
