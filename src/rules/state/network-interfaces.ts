import type { ByteString, KernelInterface } from "../../model/events/kernel-event.ts";
import { type Descriptor, descriptorTypes, type SocketEnds } from "./descriptor.ts";

const anyIpv4 = "\0".repeat(4);
const anyIpv6 = "\0".repeat(16);
const loopbackIpv4 = "\x7f\0\0\x01";
const loopbackIpv6 = `${"\0".repeat(15)}\x01`;

/** The network interfaces of the machine: which addresses are its own. */
export class NetworkInterfaces {
  readonly #ipv4: readonly KernelInterface[];
  readonly #ipv6: readonly KernelInterface[];

  constructor(interfaces: readonly KernelInterface[]) {
    this.#ipv4 = interfaces.filter(({ address }) => address.length === 4);
    this.#ipv6 = interfaces.filter(({ address }) => address.length === 16);
  }

  /** It is an address of an interface; for IPv6, of the network of one. */
  isLocal(address: ByteString): boolean {
    if (address.length === 4) return this.#ipv4.some((own) => own.address === address);
    return this.#ipv6.some((own) => inNetwork(own.address, address));
  }

  /**
   * Fills the end of `descriptor` that says `any` with the address that the machine would use towards the other end.
   */
  complete({ type }: Descriptor, ends: SocketEnds): void {
    if (type !== descriptorTypes.ipv4Socket && type !== descriptorTypes.ipv6Socket) return;
    const any = type === descriptorTypes.ipv4Socket ? anyIpv4 : anyIpv6;
    const samePort = ends.sourcePort === ends.destinationPort;
    if (ends.sourceAddress === any) {
      const address = this.#towards(ends.destinationAddress, any);
      if (address !== ends.destinationAddress || !samePort) ends.sourceAddress = address;
    } else if (ends.destinationAddress === any) {
      const address = this.#towards(ends.sourceAddress, any);
      if (address !== ends.sourceAddress || !samePort) ends.destinationAddress = address;
    }
  }

  #towards(address: ByteString, any: ByteString): ByteString {
    const own = address.length === 4 ? this.#ipv4 : this.#ipv6;
    const loopback = address.length === 4 ? loopbackIpv4 : loopbackIpv6;
    if (own.some((candidate) => candidate.address === address)) return address;
    const near = own.find((candidate) =>
      address.length === 4 ? sameSubnet(candidate, address) : inNetwork(candidate.address, address),
    );
    return (near ?? own.find((candidate) => candidate.address !== loopback))?.address ?? any;
  }
}

function sameSubnet({ address, netmask = "" }: KernelInterface, other: ByteString): boolean {
  for (let at = 0; at < 4; at++) {
    const mask = at < netmask.length ? netmask.charCodeAt(at) : 0;
    if ((address.charCodeAt(at) & mask) !== (other.charCodeAt(at) & mask)) return false;
  }
  return true;
}

/** By the custom of 64 bits for network and subnet. */
function inNetwork(own: ByteString, other: ByteString): boolean {
  return own.slice(0, 8) === other.slice(0, 8);
}
