import { ObjectValue } from "./object-value.ts";

/** An IP address, v4 or v6, without a zone. */
export class AddressValue extends ObjectValue {
  readonly kind = "address";
  readonly bytes: Uint8Array;

  /** 4 or 16 bytes. */
  constructor(bytes: Uint8Array) {
    super();
    this.bytes = bytes;
  }

  equals(other: unknown): boolean {
    // An IPv4 address that is mapped into IPv6 is the same address.
    return other instanceof AddressValue && Buffer.compare(unmapped(this.bytes), unmapped(other.bytes)) === 0;
  }
}

/** An IP network: an address, and how many of its first bits are of the network. */
export class NetworkValue extends ObjectValue {
  readonly kind = "network";
  readonly address: AddressValue;
  readonly prefixLength: number;

  constructor(address: AddressValue, prefixLength: number) {
    super();
    this.address = address;
    this.prefixLength = prefixLength;
  }

  equals(other: unknown): boolean {
    if (!(other instanceof NetworkValue) || other.prefixLength !== this.prefixLength) return false;
    return Buffer.compare(this.address.bytes, other.address.bytes) === 0;
  }
}

function unmapped(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 && isMapped(bytes) ? bytes.subarray(12) : bytes;
}

/** True for `::ffff:0:0/96`, where IPv4 addresses lie in IPv6. */
export function isMapped(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  );
}
