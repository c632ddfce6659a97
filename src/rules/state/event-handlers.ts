import { kernelEventCode, kernelEventTypes } from "../../model/events/kernel-event-table.ts";
import { accountHandlers } from "./handlers/accounts.ts";
import { cloneHandlers } from "./handlers/clone.ts";
import { connectHandlers } from "./handlers/connect.ts";
import { createDescriptorHandlers } from "./handlers/create-descriptor.ts";
import { duplicateHandlers } from "./handlers/duplicate.ts";
import { enterHandlers } from "./handlers/enter.ts";
import { executeHandlers } from "./handlers/execute.ts";
import { identityHandlers } from "./handlers/identity.ts";
import { iterateHandlers } from "./handlers/iterate.ts";
import { openHandlers } from "./handlers/open.ts";
import { processHandlers } from "./handlers/process.ts";
import { socketHandlers } from "./handlers/socket.ts";
import { transferHandlers } from "./handlers/transfer.ts";
import type { KernelEvent } from "./kernel-event.ts";
import type { Generation, KernelState } from "./kernel-state.ts";

/** Takes one kind of event into the state; the event's thread and descriptor are set before. */
export type StateHandler = (state: KernelState, event: KernelEvent) => void;

/** Handlers by the id of their event type. */
export type StateHandlers = Readonly<Record<string, StateHandler>>;

/** What kind of event a code is, as bits. */
export const traits = {
  /** It happened in a thread. */
  hasThread: 1,
  /** A thread that was not announced is made up for it. */
  invents: 2,
  isEnter: 4,
  usesDescriptor: 8,
  /** Rules do not see it. */
  isHidden: 16,
  /** At the very beginning it only tells what is there already. */
  describesBeginning: 32,
  /** The kernel did not send it. */
  isMeta: 64,
  /** An entry of a list of processes. */
  isList: 128,
} as const;

/** The handler of each code; `undefined` for events that change nothing. */
export function handlersOf(generation: Generation): readonly (StateHandler | undefined)[] {
  const all: StateHandlers = {
    ...accountHandlers,
    ...cloneHandlers,
    ...createDescriptorHandlers,
    ...duplicateHandlers,
    ...executeHandlers,
    ...identityHandlers,
    ...iterateHandlers,
    ...openHandlers,
    ...processHandlers,
    ...socketHandlers,
    ...transferHandlers,
    ...enterHandlers,
    ...connectHandlers(generation),
  };
  // A handler under a name that the table does not have would never run.
  for (const id of Object.keys(all)) kernelEventCode(id);
  return kernelEventTypes.map(({ id }) => all[id]);
}

/** Clones and ends do not make a thread up: the clone knows better, and of the dead there is nothing to know. */
const announcing = /^(?:SYSCALL_(?:CLONE|FORK|VFORK)\w*_X|PROCEXIT_\w*E|PROCEXIT_E|PROCINFO_E|SCHEDSWITCH_6_E)$/;
const threadless =
  /^(?:ITER_\w+|CONTAINER_JSON_(?:2_)?E|(?:USER|GROUP)_(?:ADDED|DELETED)_E|PLUGINEVENT_E|ASYNCEVENT_E)$/;
const describing = /^(?:CONTAINER_E|CONTAINER_JSON_(?:2_)?E|(?:USER|GROUP)_(?:ADDED|DELETED)_E|ASYNCEVENT_E)$/;
/** The enter events that the newer library still reads, for what their exit events may lack. */
const hiddenInHead = new Set([
  "SYSCALL_OPEN_E",
  "SYSCALL_OPENAT_2_E",
  "SYSCALL_OPENAT2_E",
  "SYSCALL_CREAT_E",
  "SOCKET_CONNECT_E",
  "SYSCALL_EXECVE_19_E",
  "SYSCALL_EXECVEAT_E",
]);

/** The {@link traits} of each code, and the parameter that holds the descriptor it uses (-1 none). */
export function eventTraits(generation: Generation): {
  readonly flags: Readonly<Uint8Array>;
  readonly places: Readonly<Int8Array>;
} {
  const flags = new Uint8Array(kernelEventTypes.length);
  const places = new Int8Array(kernelEventTypes.length).fill(-1);
  for (const [code, type] of kernelEventTypes.entries()) {
    const eventFlags = (generation === "0.40" ? type.old?.flags : undefined) ?? type.flags;
    const skips = eventFlags.includes("SKIPPARSERESET");
    const usesDescriptor = eventFlags.includes("USES_FD");
    const isEnter = code % 2 === 0;
    let bits = 0;
    if (type.id === "PROCINFO_E" || (!skips && !threadless.test(type.id))) bits |= traits.hasThread;
    if (!skips && !threadless.test(type.id) && !announcing.test(type.id)) bits |= traits.invents;
    if (isEnter) bits |= traits.isEnter;
    if (usesDescriptor) {
      bits |= traits.usesDescriptor;
      places[code] = descriptorPlace(type.id, isEnter, type.parameters);
    }
    const isList = type.id.startsWith("ITER_");
    if (isList) bits |= traits.isList;
    if (isList || (generation === "head" && hiddenInHead.has(type.id))) bits |= traits.isHidden;
    if (type.categories.includes("METAEVENT")) bits |= traits.isMeta;
    if (describing.test(type.id)) bits |= traits.describesBeginning;
    flags[code] = bits;
  }
  return { flags, places };
}

function descriptorPlace(id: string, isEnter: boolean, parameters: readonly { readonly name: string }[]): number {
  const place = (name: string): number => parameters.findIndex((parameter) => parameter.name === name);
  if (isEnter) {
    if (id.startsWith("SYSCALL_MMAP")) return place("fd");
    return id === "SYSCALL_SPLICE_E" ? 1 : 0;
  }
  for (const name of ["fd", "oldfd", "dirfd", "linkdirfd", "fdout", "out_fd", "fd_out"]) {
    if (place(name) > 0) return place(name);
  }
  // Old versions whose descriptor stands in their enter event only: it is appended.
  return parameters.length;
}
