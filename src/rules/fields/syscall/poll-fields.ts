import { type Descriptor, descriptorTypes } from "../../state/descriptor.ts";
import { addressText } from "../../state/socket-text.ts";
import type { EventFacts } from "./event-facts.ts";
import { type FieldContext, type FieldMakers, plainFields, type ReadField } from "./field-reader.ts";

/** The descriptors of a poll, as texts with commas between: `fdlist.*`. */
export const pollFields: FieldMakers = plainFields({
  "fdlist.nums": list((_, fd) => `${fd}`),
  "fdlist.names": list((descriptor) => descriptor?.name || "<NA>"),
  "fdlist.cips": list((descriptor) => connected(descriptor, ({ sourceAddress }) => addressText(sourceAddress))),
  "fdlist.sips": list(
    (descriptor) =>
      connected(descriptor, ({ destinationAddress }) => addressText(destinationAddress)) ??
      (descriptor && isServer(descriptor) ? addressText(descriptor.sourceAddress) : undefined),
  ),
  "fdlist.cports": list((descriptor) => connected(descriptor, ({ sourcePort }) => `${sourcePort}`)),
  "fdlist.sports": list((descriptor) => connected(descriptor, ({ destinationPort }) => `${destinationPort}`)),
});

function list(
  read: (descriptor: Descriptor | undefined, fd: number) => string | undefined,
): (context: FieldContext) => ReadField {
  return ({ facts, generation }) =>
    (event) => {
      const place = placeOfList((facts[event.code] as EventFacts).id, generation);
      const { thread, bytes } = event;
      const length = place < 0 ? 0 : event.length(place);
      if (thread === undefined || length < 2) return undefined;
      const at = event.offset(place);
      const count = Math.min(bytes.readUInt16LE(at), Math.floor((length - 2) / 10));
      const texts: string[] = [];
      for (let next = 0; next < count; next++) {
        const entry = at + 2 + next * 10;
        const fd = bytes.readInt32LE(entry + 4) * 0x1_0000_0000 + bytes.readUInt32LE(entry);
        const text = read(thread.descriptors.get(fd), fd);
        if (text !== undefined) texts.push(text);
      }
      return texts.join(",") || undefined;
    };
}

function placeOfList(id: string, generation: string): number {
  if (id === "SYSCALL_POLL_X" || id === "SYSCALL_PPOLL_X") return 1;
  return generation !== "head" && (id === "SYSCALL_POLL_E" || id === "SYSCALL_PPOLL_E") ? 0 : -1;
}

function connected(descriptor: Descriptor | undefined, read: (descriptor: Descriptor) => string): string | undefined {
  const isConnected =
    descriptor?.type === descriptorTypes.ipv4Socket || descriptor?.type === descriptorTypes.ipv6Socket;
  return descriptor && isConnected ? read(descriptor) : undefined;
}

function isServer({ type }: Descriptor): boolean {
  return type === descriptorTypes.ipv4ServerSocket || type === descriptorTypes.ipv6ServerSocket;
}
