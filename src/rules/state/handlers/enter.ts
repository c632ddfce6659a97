import { kernelEventCode } from "../../../model/events/kernel-event-table.ts";
import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import { bytesOf, has, pathOf } from "../parameter-values.ts";
import type { RememberedEnter } from "../thread.ts";

/** Where an enter event has what is remembered of it; -1 nowhere. */
interface Places {
  readonly name: number;
  readonly flags: number;
  readonly directory: number;
}

const executeAt = kernelEventCode("SYSCALL_EXECVEAT_E");
const executeExits = new Set([kernelEventCode("SYSCALL_EXECVE_18_X"), kernelEventCode("SYSCALL_EXECVE_19_X")]);

/**
 * The exit event of this code tells how the call of the enter event ended. A successful execveat ends as an execve
 * does.
 */
export function belongsTo(exitCode: number, enterCode: number): boolean {
  return exitCode === enterCode + 1 || (enterCode === executeAt && executeExits.has(exitCode));
}

/** The facts in the enter event of the same call, handed out once. */
export function takeRemembered(event: KernelEvent): RememberedEnter | undefined {
  const { thread } = event;
  const remembered = thread?.remembered;
  if (thread === undefined || remembered === undefined) return undefined;
  thread.remembered = undefined;
  return belongsTo(event.code, remembered.code) && belongsTo(event.code, thread.enterCode) ? remembered : undefined;
}

function remember({ name, flags, directory }: Places): StateHandler {
  return (_state, event) => {
    const { thread } = event;
    // When the first parameter is empty, so are the others.
    if (thread === undefined || (event.code !== executeAt && !has(event, 0))) return;
    thread.remembered = {
      code: event.code,
      name: name < 0 ? "" : pathOf(event, name),
      flags: flags < 0 ? 0 : event.unsigned(flags),
      directory: directory < 0 ? -1 : event.signed(directory, -1),
      address: "",
    };
  };
}

/** Keeps the address that a thread is about to connect to. */
export const rememberAddress: StateHandler = (_state, event) => {
  const { thread } = event;
  if (thread === undefined) return;
  thread.remembered = { code: event.code, name: "", flags: 0, directory: -1, address: bytesOf(event, 1) };
};

/** Enter events that tell what the exit event may not: before another thread could change what a pointer points at. */
export const enterHandlers: StateHandlers = {
  SYSCALL_OPEN_E: remember({ name: 0, flags: 1, directory: -1 }),
  SYSCALL_CREAT_E: remember({ name: 0, flags: -1, directory: -1 }),
  SYSCALL_OPENAT_E: remember({ directory: 0, name: 1, flags: 2 }),
  SYSCALL_OPENAT_2_E: remember({ directory: 0, name: 1, flags: 2 }),
  SYSCALL_OPENAT2_E: remember({ directory: 0, name: 1, flags: 2 }),
  SYSCALL_EXECVE_18_E: remember({ name: 0, flags: -1, directory: -1 }),
  SYSCALL_EXECVE_19_E: remember({ name: 0, flags: -1, directory: -1 }),
  SYSCALL_EXECVEAT_E: remember({ directory: 0, name: 1, flags: 2 }),
};
