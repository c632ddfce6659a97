import type { Descriptor } from "../../state/descriptor.ts";
import { joinPaths } from "../../state/joined-path.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { directoryOf } from "./directory-path.ts";
import type { EventFacts } from "./event-facts.ts";
import type { FieldContext } from "./field-reader.ts";
import { argumentText, pathParameter } from "./parameter-text.ts";

/** What the event is about among descriptors; `undefined` when it is about none or nothing is known of it. */
export function descriptorOf(event: KernelEvent, { facts }: FieldContext): Descriptor | undefined {
  const { thread, descriptor, fd } = event;
  if (thread === undefined || !(facts[event.code] as EventFacts).hasDescriptor) return undefined;
  return descriptor ?? (fd === -1 ? undefined : thread.descriptors.get(fd));
}

/** Whether the event is one that has a descriptor at all, of a thread that is known. */
export function isAboutDescriptor({ thread, code }: KernelEvent, { facts }: FieldContext): boolean {
  return thread !== undefined && (facts[code] as EventFacts).hasDescriptor;
}

/** `fd.name`: of a call that failed, so that there is no descriptor, the name is what it asked for. */
export function descriptorName(event: KernelEvent, context: FieldContext): string | undefined {
  if (!isAboutDescriptor(event, context)) return undefined;
  const descriptor = descriptorOf(event, context);
  if (descriptor === undefined || isOldFailedConnect(event, context)) return nameAskedFor(event, context, false);
  return descriptor.name;
}

/** `fd.nameraw`, without slashes that follow one another. */
export function rawDescriptorName(event: KernelEvent, context: FieldContext): string | undefined {
  if (!isAboutDescriptor(event, context)) return undefined;
  const name = descriptorOf(event, context)?.rawName ?? nameAskedFor(event, context, true);
  return name?.replaceAll(/\/{2,}/g, "/");
}

/** The name that the event itself carries; empty for calls that take none, `undefined` where it is missing. */
export function nameAskedFor(event: KernelEvent, context: FieldContext, asGiven: boolean): string | undefined {
  const { id, isExit } = context.facts[event.code] as EventFacts;
  if (!isExit) return undefined;
  switch (id) {
    case "SYSCALL_OPEN_X":
    case "SYSCALL_CREAT_X":
    case "SOCKET_ACCEPT_5_X":
    case "SOCKET_ACCEPT4_6_X":
    case "SOCKET_CONNECT_X":
      return argumentText(event, 1, context);
    case "SOCKET_ACCEPT_X":
    case "SOCKET_ACCEPT4_X":
    case "SOCKET_ACCEPT4_5_X":
      return context.generation === "head" ? "" : argumentText(event, 1, context);
    case "SYSCALL_OPENAT_2_X":
    case "SYSCALL_OPENAT2_X": {
      if (event.length(2) <= 0) return undefined;
      const name = pathParameter(event, 2) ?? "";
      if (asGiven) return name;
      return event.length(1) <= 0 ? undefined : joinPaths(directoryOf(event, name, event.signed(1)), name);
    }
    case "SYSCALL_OPEN_BY_HANDLE_AT_X":
      return pathParameter(event, 3);
    default:
      return "";
  }
}

/** libsinsp 0.20 names a connection that failed by what was asked for, not by what the socket is. */
function isOldFailedConnect(event: KernelEvent, { generation, facts }: FieldContext): boolean {
  return generation !== "head" && facts[event.code]?.id === "SOCKET_CONNECT_X" && event.signed(0, 0) < 0;
}
