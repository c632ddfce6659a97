import type { ByteString } from "../../model/events/kernel-event.ts";
import { Descriptor, descriptorFlags, descriptorTypes, protocols, SocketEnds } from "./descriptor.ts";
import type { NetworkInterfaces } from "./network-interfaces.ts";
import { families, type PackedTuple } from "./socket-parameters.ts";
import { isMappedIpv4, socketName } from "./socket-text.ts";
import type { Thread } from "./thread.ts";

const { ipv4Socket, ipv6Socket, ipv4ServerSocket, ipv6ServerSocket } = descriptorTypes;
const anyRole = descriptorFlags.clientRole | descriptorFlags.serverRole;

/**
 * A socket while an event changes it: a copy of its descriptor, to be put into the place of that.
 *
 * libsinsp keeps the ends of all kinds of sockets over the same memory, and rules see what comes of it: the protocol of
 * one that turns out to speak the other version of IP is lost. So it is here.
 */
export class SocketChange {
  readonly descriptor: Descriptor;
  readonly ends: SocketEnds;

  constructor(before: Descriptor | undefined) {
    this.descriptor = before === undefined ? new Descriptor() : before.copy();
    this.ends = this.descriptor.ends ?? new SocketEnds();
    this.descriptor.ends = this.ends;
  }

  /** Makes it a listening socket. */
  listen(address: ByteString, port: number): void {
    const { descriptor, ends } = this;
    const wire = isMappedIpv4(address) && address.length === 16 ? address.slice(12) : address;
    descriptor.type = wire.length === 4 ? ipv4ServerSocket : ipv6ServerSocket;
    descriptor.flags |= descriptorFlags.serverRole;
    ends.sourceAddress = wire;
    ends.sourcePort = port;
    ends.destinationAddress = "";
    ends.destinationPort = 0;
  }

  /** Makes it a socket of this type, whose ends have this many bytes each. */
  become(type: number): void {
    const { descriptor, ends } = this;
    const size = type === ipv4Socket ? 4 : 16;
    const wasListening = descriptor.type === ipv4ServerSocket || descriptor.type === ipv6ServerSocket;
    if (wasListening) ends.sourcePort = 0;
    if (ends.sourceAddress.length !== size && ends.sourceAddress !== "") {
      descriptor.protocol = size === 4 ? ends.sourceAddress.charCodeAt(12) : protocols.unknown;
    }
    if (ends.sourceAddress.length !== size) ends.sourceAddress = "\0".repeat(size);
    if (ends.destinationAddress.length !== size) ends.destinationAddress = "\0".repeat(size);
    descriptor.type = type;
  }

  /**
   * Takes both ends over; a destination that is known already only when it `overwrites`. False when it has these ends,
   * in this or the other order.
   */
  setEnds(tuple: PackedTuple, overwrites: boolean): boolean {
    const isMapped = isMappedIpv4(tuple.sourceAddress) && isMappedIpv4(tuple.destinationAddress);
    const isIpv4 = tuple.family === families.inet || isMapped;
    const [source, destination] =
      isMapped && tuple.sourceAddress.length === 16
        ? [tuple.sourceAddress.slice(12), tuple.destinationAddress.slice(12)]
        : [tuple.sourceAddress, tuple.destinationAddress];
    this.become(isIpv4 ? ipv4Socket : ipv6Socket);
    const { ends } = this;
    const { sourcePort, destinationPort } = tuple;
    const isSame =
      source === ends.sourceAddress &&
      sourcePort === ends.sourcePort &&
      destination === ends.destinationAddress &&
      destinationPort === ends.destinationPort;
    const isSwapped =
      destination === ends.sourceAddress &&
      destinationPort === ends.sourcePort &&
      source === ends.destinationAddress &&
      sourcePort === ends.destinationPort;
    if (isSame || isSwapped) return false;
    const changesSource = ends.sourceAddress !== source || ends.sourcePort !== sourcePort;
    ends.sourceAddress = source;
    ends.sourcePort = sourcePort;
    const changesDestination = this.setDestination(destination, destinationPort, overwrites);
    return changesSource || changesDestination;
  }

  /** Sets the destination, or what is missing of it. True when that changed something. */
  setDestination(address: ByteString, port: number, overwrites: boolean): boolean {
    const { ends } = this;
    const setsAddress = (overwrites && ends.destinationAddress !== address) || isAny(ends.destinationAddress);
    const setsPort = (overwrites && ends.destinationPort !== port) || ends.destinationPort === 0;
    if (setsAddress) ends.destinationAddress = address;
    if (setsPort) ends.destinationPort = port;
    return setsAddress || setsPort;
  }

  /**
   * Takes the ends of a transfer over; false when that changes nothing. Ends that say `any` are completed, and a
   * protocol that is not known must be UDP, since TCP has its ends from the start.
   */
  transfer(tuple: PackedTuple, interfaces: NetworkInterfaces): boolean {
    const { descriptor, ends } = this;
    if (tuple.family === families.unix) {
      descriptor.type = descriptorTypes.unixSocket;
      ends.unixSource = tuple.unixSource;
      ends.unixDestination = tuple.unixDestination;
      descriptor.name = tuple.path;
      return true;
    }
    const isNetwork = tuple.family === families.inet || tuple.family === families.inet6;
    if (isNetwork && !this.setEnds(tuple, true)) return false;
    if (descriptor.type === ipv4Socket || descriptor.type === ipv6Socket) {
      if (descriptor.protocol === protocols.unknown) descriptor.protocol = protocols.udp;
    }
    interfaces.complete(descriptor, ends);
    return true;
  }

  /**
   * Gives a socket a role: servers mostly read first. For IPv6, the library compares bytes of the source with the ports
   * of the IPv4 sockets of the process, so that it is a client unless these happen to be the same.
   */
  guessRole(thread: Thread, isIncoming: boolean): void {
    const { descriptor, ends } = this;
    if ((descriptor.flags & anyRole) !== 0) return;
    let isServer = isIncoming;
    if (descriptor.type === ipv6Socket) {
      const source = ends.sourceAddress;
      const isBound = owns(thread, (other) => serverPort(other) === wordAt(source, 10));
      const isClient = (): boolean =>
        owns(thread, (other) => other.type === ipv4Socket && other.sourcePort === wordAt(source, 8));
      isServer = isBound && (isIncoming || !isClient());
    }
    descriptor.flags |= isServer ? descriptorFlags.serverRole : descriptorFlags.clientRole;
  }

  swap(): void {
    const { ends } = this;
    [ends.sourceAddress, ends.destinationAddress] = [ends.destinationAddress, ends.sourceAddress];
    [ends.sourcePort, ends.destinationPort] = [ends.destinationPort, ends.sourcePort];
  }

  /** Names it by its ends. */
  nameByEnds(): void {
    this.descriptor.name = socketName(this.descriptor, this.ends);
  }
}

function serverPort(descriptor: Descriptor): number {
  if (descriptor.type === ipv4Socket) return descriptor.destinationPort;
  return descriptor.type === ipv4ServerSocket ? descriptor.sourcePort : -1;
}

function wordAt(bytes: ByteString, at: number): number {
  return bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8);
}

function isAny(address: ByteString): boolean {
  for (let at = 0; at < address.length; at++) if (address.charCodeAt(at) !== 0) return false;
  return true;
}

function owns(thread: Thread, test: (descriptor: Descriptor) => boolean): boolean {
  return thread.descriptors.some(test);
}
