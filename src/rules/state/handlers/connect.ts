import { descriptorFlags, descriptorTypes, protocols } from "../descriptor.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { Generation, KernelState } from "../kernel-state.ts";
import { bytesOf, resultOf } from "../parameter-values.ts";
import { SocketChange } from "../socket-change.ts";
import {
  families,
  type PackedAddress,
  type PackedTuple,
  packedAddress,
  packedAddressText,
  packedTuple,
  packedTupleText,
} from "../socket-parameters.ts";
import { isMappedIpv4 } from "../socket-text.ts";
import { rememberAddress, takeRemembered } from "./enter.ts";

const inProgress = -115;

/**
 * The destination counts as the kernel had it. When the exit event only repeats what the program's memory said then,
 * what it said at the beginning of the call counts, since another thread may have changed it meanwhile.
 */
function trusted(event: KernelEvent, tuple: PackedTuple, before: PackedAddress | undefined): PackedTuple {
  if (before === undefined || before.family !== tuple.family) return tuple;
  const after = packedAddress(bytesOf(event, 3));
  if (after === undefined) return tuple;
  if (tuple.family === families.unix) return after.path === tuple.path ? { ...tuple, path: before.path } : tuple;
  if (after.address !== tuple.destinationAddress || after.port !== tuple.destinationPort) return tuple;
  return { ...tuple, destinationAddress: before.address, destinationPort: before.port };
}

const connect: StateHandler = (state, event) => {
  const { thread, descriptor } = event;
  if (thread === undefined || descriptor === undefined) return;
  const remembered = takeRemembered(event);
  const result = resultOf(event);
  if (result < 0 && result !== inProgress) return;
  state.replace(event, descriptor.connected());
  const before = remembered === undefined ? undefined : packedAddress(remembered.address);
  if (event.length(1) <= 0) {
    if (before !== undefined) setDestination(state, event, before);
    return;
  }
  const tuple = packedTuple(event, 1);
  if (tuple !== undefined) setClient(state, event, trusted(event, tuple, before));
};

/** Only the address that the program asked for is known. */
function setDestination(state: KernelState, event: KernelEvent, address: PackedAddress): void {
  const change = new SocketChange(event.descriptor);
  if (address.family === families.inet || address.family === families.inet6) {
    const isMapped = address.family === families.inet6 && isMappedIpv4(address.address);
    const wire = isMapped ? address.address.slice(12) : address.address;
    change.become(wire.length === 4 ? descriptorTypes.ipv4Socket : descriptorTypes.ipv6Socket);
    change.ends.destinationAddress = wire;
    change.ends.destinationPort = address.port;
  } else change.descriptor.name = packedAddressText(address);
  state.replace(event, change.descriptor);
}

function setClient(state: KernelState, event: KernelEvent, tuple: PackedTuple): void {
  const change = new SocketChange(event.descriptor);
  const { descriptor, ends } = change;
  if (tuple.family === families.inet || tuple.family === families.inet6) {
    const isChanged = change.setEnds(tuple, state.isHead);
    const isUdp = descriptor.type === descriptorTypes.ipv4Socket && descriptor.protocol === protocols.udp;
    if (isChanged && isUdp && (descriptor.flags & descriptorFlags.serverRole) !== 0) change.swap();
    change.nameByEnds();
  } else {
    if (descriptor.type !== descriptorTypes.unixSocket && state.isHead) return;
    ends.unixSource = tuple.unixSource;
    ends.unixDestination = tuple.unixDestination;
    descriptor.name = packedTupleText(tuple);
  }
  if (descriptor.hasNoRole) descriptor.flags |= descriptorFlags.clientRole;
  state.replace(event, descriptor);
}

/** The older library already believes the enter event. */
const startConnect: StateHandler = (state, event) => {
  const { descriptor } = event;
  if (descriptor === undefined) return;
  if (event.parameterCount < 2) {
    if (descriptor.type === descriptorTypes.ipv4Socket || descriptor.type === descriptorTypes.ipv6Socket) {
      const change = new SocketChange(event.descriptor);
      change.ends.destinationAddress = "\0".repeat(change.ends.destinationAddress.length);
      change.ends.destinationPort = 0;
      change.nameByEnds();
      state.replace(event, change.descriptor);
    }
    return;
  }
  const address = packedAddress(bytesOf(event, 1));
  if (address !== undefined) setDestination(state, event, address);
};

/** What `connect` changes. */
export function connectHandlers(generation: Generation): StateHandlers {
  return {
    SOCKET_CONNECT_E: generation === "head" ? rememberAddress : startConnect,
    SOCKET_CONNECT_X: connect,
  };
}
