import type { ByteString } from "../../../model/events/kernel-event.ts";
import { Descriptor, descriptorFlags, descriptorTypes } from "../descriptor.ts";
import { directoryOf } from "../directory.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import { joinPaths } from "../joined-path.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { KernelState } from "../kernel-state.ts";
import { has, pathOf, resultOf } from "../parameter-values.ts";
import { takeRemembered } from "./enter.ts";

const openDirectory = 1024;
/** `PPM_O_F_CREATED` and above: what the kernel side adds to the flags of the call. */
const addedFlags = ~(16384 - 1);
const upperLayer = 32768;
const lowerLayer = 65536;
const upperLayerOfCreat = 1;
const lowerLayerOfCreat = 2;
const notAvailable = "<NA>";

/** Where an exit event has what the new descriptor needs; -1 nowhere. */
interface Places {
  readonly directory: number;
  readonly name: number;
  readonly flags: number;
  readonly device: number;
}

function open({ directory, name, flags, device }: Places): StateHandler {
  return (state, event) => {
    const { thread } = event;
    if (thread === undefined) return;
    const remembered = takeRemembered(event);
    const fd = resultOf(event);
    if (fd < 0) return;
    let path = pathOf(event, name);
    let openFlags = event.unsigned(flags);
    let base = directory < 0 ? 0 : event.signed(directory, -1);
    let hasBase = directory < 0 || has(event, directory);
    if (remembered !== undefined && remembered.name !== notAvailable) {
      path = remembered.name;
      openFlags = remembered.flags | (openFlags & addedFlags);
      base = remembered.directory;
      hasBase = true;
    }
    const from = directory < 0 ? thread.cwd : hasBase ? directoryOf(event, path, base) : "";
    add(state, event, { fd, path, from, openFlags, device });
  };
}

const create: StateHandler = (state, event) => {
  const { thread } = event;
  if (thread === undefined) return;
  const remembered = takeRemembered(event);
  const fd = resultOf(event);
  if (fd < 0) return;
  const path = remembered !== undefined && remembered.name !== notAvailable ? remembered.name : pathOf(event, 1);
  const layer = has(event, 3) && has(event, 4) ? event.unsigned(5) : 0;
  const openFlags = (layer & upperLayerOfCreat) !== 0 ? upperLayer : (layer & lowerLayerOfCreat) !== 0 ? lowerLayer : 0;
  add(state, event, { fd, path, from: thread.cwd, openFlags, device: 3 });
};

/** The kernel tells the whole path. */
const openByHandle: StateHandler = (state, event) => {
  const fd = resultOf(event);
  if (event.thread === undefined || fd < 0) return;
  add(state, event, { fd, path: pathOf(event, 3), from: "", openFlags: event.unsigned(2), device: 4 });
};

interface Opened {
  readonly fd: number;
  readonly path: ByteString;
  readonly from: ByteString;
  readonly openFlags: number;
  /** The place of the device's number; that of the inode follows it. */
  readonly device: number;
}

function add(state: KernelState, event: KernelEvent, { fd, path, from, openFlags, device }: Opened): void {
  const descriptor = new Descriptor();
  descriptor.type = (openFlags & openDirectory) !== 0 ? descriptorTypes.directory : descriptorTypes.openedFile;
  descriptor.openFlags = openFlags;
  descriptor.rawName = path;
  descriptor.name = joinPaths(from, path);
  if (event.length(device + 1) >= 8) {
    descriptor.device = event.unsigned(device);
    const at = event.offset(device + 1);
    descriptor.inodeLow = event.bytes.readInt32LE(at);
    descriptor.inodeHigh = event.bytes.readInt32LE(at + 4);
  } else if (has(event, device)) descriptor.device = event.unsigned(device);
  if ((openFlags & upperLayer) !== 0) descriptor.flags |= descriptorFlags.overlayUpper;
  if ((openFlags & lowerLayer) !== 0) descriptor.flags |= descriptorFlags.overlayLower;
  state.open(event, fd, descriptor);
}

/** Calls that open a file by its path. */
export const openHandlers: StateHandlers = {
  SYSCALL_OPEN_X: open({ directory: -1, name: 1, flags: 2, device: 4 }),
  SYSCALL_CREAT_X: create,
  SYSCALL_OPENAT_X: open({ directory: 1, name: 2, flags: 3, device: 5 }),
  SYSCALL_OPENAT_2_X: open({ directory: 1, name: 2, flags: 3, device: 5 }),
  SYSCALL_OPENAT2_X: open({ directory: 1, name: 2, flags: 3, device: 6 }),
  SYSCALL_OPEN_BY_HANDLE_AT_X: openByHandle,
};
