import type { StateHandler, StateHandlers } from "../event-handlers.ts";
import type { KernelEvent } from "../kernel-event.ts";
import type { KernelState } from "../kernel-state.ts";
import { has, resultOf } from "../parameter-values.ts";

/** An id that stays as it is. */
const unchanged = 0xffff_ffff;

/** The id that a successful call set; `undefined` when it set none. The newer library takes -1 for an id as well. */
function newId(state: KernelState, event: KernelEvent, parameter: number): number | undefined {
  if (resultOf(event) !== 0 || !has(event, parameter)) return undefined;
  const id = event.unsigned(parameter);
  return id === unchanged && !state.isHead ? undefined : id;
}

function setUser(parameter: number): StateHandler {
  return (state, event) => {
    const id = newId(state, event, parameter);
    if (event.thread !== undefined && id !== undefined) event.thread.uid = id;
  };
}

function setGroup(parameter: number): StateHandler {
  return (state, event) => {
    const id = newId(state, event, parameter);
    if (event.thread !== undefined && id !== undefined) event.thread.gid = id;
  };
}

const setSession: StateHandler = (_state, event) => {
  const session = resultOf(event);
  if (event.thread !== undefined && session >= 0) event.thread.sid = session;
};

/** Calls by which a thread becomes another user, group or session. The effective ids count. */
export const identityHandlers: StateHandlers = {
  SYSCALL_SETUID_X: setUser(1),
  SYSCALL_SETREUID_X: setUser(2),
  SYSCALL_SETRESUID_X: setUser(2),
  SYSCALL_SETGID_X: setGroup(1),
  SYSCALL_SETREGID_X: setGroup(2),
  SYSCALL_SETRESGID_X: setGroup(2),
  SYSCALL_SETSID_X: setSession,
};
