import { descriptorTypes } from "../../state/descriptor.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";
import { isFile } from "./descriptor-type.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, plainFields, type ReadField } from "./field-reader.ts";
import { resultOf } from "./result-of.ts";

type Fits = (type: number) => boolean;

const isOnFile: Fits = (type) => isFile(type) || type === descriptorTypes.directory;
const isInternet: Fits = (type) => type >= descriptorTypes.ipv4Socket && type <= descriptorTypes.ipv6ServerSocket;
const isOnNetwork: Fits = (type) => isInternet(type) || type === descriptorTypes.unixSocket;
const isAnything: Fits = () => true;

const opens = new Set([
  ...["SYSCALL_OPEN_X", "SYSCALL_CREAT_X", "SYSCALL_OPENAT_X", "SYSCALL_OPENAT_2_X", "SYSCALL_OPENAT2_X"],
  "SYSCALL_OPEN_BY_HANDLE_AT_X",
]);
const connects = new Set([
  ...["SOCKET_ACCEPT_X", "SOCKET_ACCEPT_5_X", "SOCKET_ACCEPT4_X", "SOCKET_ACCEPT4_5_X", "SOCKET_ACCEPT4_6_X"],
  "SOCKET_CONNECT_X",
]);

/**
 * Reading, writing and waiting, how much of it, and counters: `evt.is_io`, `evt.buflen`, `evt.count` and similar
 * fields.
 */
export const ioFields: FieldMakers = plainFields({
  "evt.is_io": whether(({ reads, writes }) => reads || writes),
  "evt.is_io_read": whether(({ reads }) => reads),
  "evt.is_io_write": whether(({ writes }) => writes),
  "evt.io_dir":
    ({ facts }) =>
    ({ code }) => {
      const { reads, writes } = facts[code] as EventFacts;
      return writes ? "write" : reads ? "read" : undefined;
    },
  "evt.is_wait": whether(({ waits }) => waits),
  "evt.is_syslog":
    ({ facts }) =>
    ({ code, descriptor }) =>
      (facts[code] as EventFacts).writes && descriptor?.name.includes("/dev/log") === true,
  "evt.buflen": transferred("IO_", isAnything),
  "evt.buflen.in": transferred("IO_READ", isAnything),
  "evt.buflen.out": transferred("IO_WRITE", isAnything),
  "evt.buflen.file": transferred("IO_", isFile),
  "evt.buflen.file.in": transferred("IO_READ", isFile),
  "evt.buflen.file.out": transferred("IO_WRITE", isFile),
  "evt.buflen.net": transferred("IO_", isInternet),
  "evt.buflen.net.in": transferred("IO_READ", isInternet),
  "evt.buflen.net.out": transferred("IO_WRITE", isInternet),
  "evt.count": () => () => 1,
  "evt.count.error": failures(() => true),
  "evt.count.error.file": failures(({ id }, type) => (type === undefined ? opens.has(id) : isOnFile(type))),
  "evt.count.error.net": failures(({ id }, type) => (type === undefined ? connects.has(id) : isOnNetwork(type))),
  "evt.count.error.memory": failures(({ category }) => category === "MEMORY"),
  "evt.count.error.other": failures(({ id, category }, type) =>
    type === undefined
      ? !opens.has(id) && !connects.has(id) && category !== "MEMORY"
      : !isOnFile(type) && !isOnNetwork(type),
  ),
  "evt.count.exit":
    ({ facts }) =>
    ({ code }) =>
      (facts[code] as EventFacts).isExit ? 1 : undefined,
  "evt.count.procinfo":
    ({ facts }) =>
    ({ code, thread }) =>
      facts[code]?.id === "PROCINFO_E" && thread?.isMain === true ? 1 : 0,
  "evt.count.threadinfo":
    ({ facts }) =>
    ({ code }) =>
      facts[code]?.id === "PROCINFO_E" ? 1 : 0,
});

function whether(is: (facts: EventFacts) => boolean): (context: FieldContext) => ReadField {
  return ({ facts }) => {
    const answers = facts.map(is);
    return ({ code }) => answers[code] as boolean;
  };
}

/** Bytes that the call moved, for events of a category on descriptors of a kind. */
function transferred(category: string, fits: Fits): (context: FieldContext) => ReadField {
  return ({ facts }) =>
    (event) => {
      const fact = facts[event.code] as EventFacts;
      if (event.descriptor === undefined || !fact.category.startsWith(category) || !fits(event.descriptor.type)) {
        return undefined;
      }
      const result = resultOf(event, fact);
      return result !== undefined && result >= 0 ? result : undefined;
    };
}

/** 1 for a call that failed, 0 for one that did not, among those that it is about. */
function failures(
  isAbout: (facts: EventFacts, type: number | undefined) => boolean,
): (context: FieldContext) => ReadField {
  return ({ facts }) =>
    (event: KernelEvent) => {
      const fact = facts[event.code] as EventFacts;
      if (!isAbout(fact, event.descriptor?.type)) return undefined;
      const result = resultOf(event, fact);
      return result === undefined ? undefined : result < 0 ? 1 : 0;
    };
}
