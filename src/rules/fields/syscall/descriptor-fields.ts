import { ConditionError } from "../../language/condition.ts";
import type { FieldValue } from "../../language/field.ts";
import { type Descriptor, descriptorFlags, descriptorTypes, protocols } from "../../state/descriptor.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { descriptorName, descriptorOf, isAboutDescriptor, nameAskedFor, rawDescriptorName } from "./descriptor-name.ts";
import { descriptorTypeCharacter, descriptorTypeName, isFile } from "./descriptor-type.ts";
import type { EventFacts } from "./event-facts.ts";
import {
  type FieldContext,
  type FieldMaker,
  type FieldMakers,
  type FieldReader,
  integer,
  plainFields,
  type ReadField,
  wholeNumber,
} from "./field-reader.ts";
import { withoutControls } from "./parameter-text.ts";

/** The descriptor of the event, except fields of sockets: `fd.name`, `fd.type`, `fd.directory` and similar fields. */
export const descriptorFields: FieldMakers = {
  "fd.name": nameField((context) => (event) => descriptorName(event, context)),
  "fd.containername": nameField(inContainer((context) => (event) => descriptorName(event, context))),
  "fd.directory": nameField(directory),
  "fd.containerdirectory": nameField(inContainer(directory)),
  "fd.filename": nameField((context) => (event) => {
    const descriptor = descriptorOf(event, context);
    if (descriptor === undefined || !isFile(descriptor.type)) return undefined;
    const { name } = descriptor;
    const slash = name.lastIndexOf("/");
    if (slash < 0) return "/";
    return slash < name.length - 1 ? name.slice(slash + 1) : name;
  }),
  ...plainFields({
    "fd.num": (context) => (event) => (isAboutDescriptor(event, context) ? event.fd : undefined),
    "fd.type": ofDescriptor(({ type }) => descriptorTypeName(type)),
    "fd.typechar": (context) => (event) => {
      if (!isAboutDescriptor(event, context)) return undefined;
      const descriptor = descriptorOf(event, context);
      return descriptor
        ? descriptorTypeCharacter(descriptor.type)
        : typeAskedFor(context.facts[event.code] as EventFacts);
    },
    "fd.nameraw": (context) => (event) => rawDescriptorName(event, context),
    "fd.uid": (context) => (event) =>
      isAboutDescriptor(event, context) ? `${event.thread?.tid ?? ""}${event.fd}` : undefined,
    "fd.l4proto": ofDescriptor(({ shownProtocol }) => protocolNames[shownProtocol] ?? "<NA>"),
    "fd.sockfamily": ofDescriptor(({ type }) => {
      if (type >= descriptorTypes.ipv4Socket && type <= descriptorTypes.ipv6ServerSocket) return "ip";
      return type === descriptorTypes.unixSocket ? "unix" : undefined;
    }),
    "fd.connected": ofDescriptor(({ flags }) => (flags & descriptorFlags.connected) !== 0),
    "fd.name_changed": ofDescriptor((_, event) => event.isNameChanged),
    "fd.dev": ofDescriptor(({ device }) => device | 0),
    "fd.dev.major": ofDescriptor(({ device }) => (device & 0xf_ff00) >> 8),
    "fd.dev.minor": ofDescriptor(({ device }) => (device & 0xff) | ((device >>> 12) & 0xf_ff00)),
    "fd.ino": ofDescriptor(({ inodeLow, inodeHigh }) => {
      const inode = inodeHigh * 0x1_0000_0000 + (inodeLow >>> 0);
      return Number.isSafeInteger(inode) ? inode : integer((BigInt(inodeHigh) << 32n) | BigInt(inodeLow >>> 0));
    }),
    "fd.is_upper_layer": ofDescriptor(({ flags }) => (flags & descriptorFlags.overlayUpper) !== 0),
    "fd.is_lower_layer": ofDescriptor(({ flags }) => (flags & descriptorFlags.overlayLower) !== 0),
  }),
  "fd.types": ({ bracketed, dotted }, context) => {
    if (dotted !== undefined) return undefined;
    const fd = bracketed === undefined ? -1 : wholeNumber(bracketed);
    if (fd === undefined) throw new ConditionError(`${bracketed} is not a valid number`);
    if (fd === -1) return allTypes(context);
    return {
      extract: (event) => {
        const descriptor = isAboutDescriptor(event, context) ? event.thread?.descriptors.get(fd) : undefined;
        return descriptor && [descriptorTypeName(descriptor.type)];
      },
    };
  },
};

const protocolNames: Readonly<Record<number, string>> = {
  [protocols.tcp]: "tcp",
  [protocols.udp]: "udp",
  [protocols.icmp]: "icmp",
  [protocols.raw]: "raw",
};

function ofDescriptor(
  read: (descriptor: Descriptor, event: KernelEvent) => FieldValue | undefined,
): (context: FieldContext) => ReadField {
  return (context) => (event) => {
    const descriptor = descriptorOf(event, context);
    return descriptor === undefined ? undefined : read(descriptor, event);
  };
}

type ReadName = (context: FieldContext) => (event: KernelEvent) => string | undefined;

/** A name, which libsinsp 0.20 prints without what does not print; conditions see it as it is. */
function nameField(read: ReadName): FieldMaker {
  return ({ bracketed, dotted }, context) => {
    if (bracketed !== undefined || dotted !== undefined) return undefined;
    const extract = read(context);
    if (!context.cleansText) return { extract };
    const print = (event: KernelEvent): string | undefined => {
      const name = extract(event);
      return name && withoutControls(name);
    };
    return { extract, print, json: (event) => print(event) ?? null };
  };
}

function inContainer(read: ReadName): ReadName {
  return (context) => {
    const named = read(context);
    return (event) => {
      const name = named(event);
      return name === undefined ? undefined : `${event.thread?.container?.id ?? ""}:${name}`;
    };
  };
}

function directory(context: FieldContext): (event: KernelEvent) => string | undefined {
  return (event) => {
    if (!isAboutDescriptor(event, context)) return undefined;
    const descriptor = descriptorOf(event, context);
    if (descriptor === undefined) {
      const name = nameAskedFor(event, context, false);
      return name === undefined || context.generation !== "head" ? name : parentDirectory(name);
    }
    if (isFile(descriptor.type)) return parentDirectory(descriptor.name);
    return descriptor.type === descriptorTypes.directory ? descriptor.name : undefined;
  };
}

function parentDirectory(name: string): string {
  const slash = name.lastIndexOf("/");
  if (slash <= 0) return "/";
  return slash < name.length - 1 ? name.slice(0, slash) : name;
}

/** A process without any has an empty list, which is missing in JSON. */
function allTypes(context: FieldContext): FieldReader {
  return {
    extract: (event) => openTypes(event, context),
    json: (event) => {
      const types = openTypes(event, context);
      return types === undefined || types.length === 0 ? null : types;
    },
  };
}

function openTypes(event: KernelEvent, context: FieldContext): readonly string[] | undefined {
  if (!isAboutDescriptor(event, context) || event.thread === undefined) return undefined;
  const types = new Set<string>();
  for (const { type } of event.thread.descriptors.values()) types.add(descriptorTypeName(type));
  return [...types];
}

/** What the call would have made had it not failed, as far as libsinsp guesses. */
function typeAskedFor({ id }: EventFacts): string {
  return askedFor[id.replace(/_[EX]$/, "")] ?? "o";
}

const askedFor: Readonly<Record<string, string>> = {
  SYSCALL_OPENAT: "f",
  SYSCALL_OPENAT_2: "f",
  SYSCALL_OPENAT2: "f",
  SYSCALL_CREAT: "f",
  SOCKET_SOCKET: "4",
  SOCKET_ACCEPT: "4",
  SOCKET_ACCEPT_5: "4",
  SOCKET_ACCEPT4: "4",
  SOCKET_ACCEPT4_5: "4",
  SOCKET_ACCEPT4_6: "4",
  SYSCALL_PIPE: "p",
  SYSCALL_PIPE2: "p",
  SYSCALL_EVENTFD: "e",
  SYSCALL_EVENTFD2: "e",
  SYSCALL_SIGNALFD: "s",
  SYSCALL_SIGNALFD4: "s",
  SYSCALL_TIMERFD_CREATE: "t",
  SYSCALL_INOTIFY_INIT: "i",
  SYSCALL_INOTIFY_INIT1: "i",
};
