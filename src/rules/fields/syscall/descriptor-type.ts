import { descriptorTypes } from "../../state/descriptor.ts";

const characters = "ofd4646pueXslitnfburmP";
const names = [
  ...["<NA>", "file", "directory", "ipv4", "ipv6", "ipv4", "ipv6", "pipe", "unix", "event", "<NA>", "signalfd"],
  ...["eventpoll", "inotify", "timerfd", "netlink", "file", "bpf", "userfaultfd", "io_uring", "memfd", "pidfd"],
];

/** The type of a descriptor in one character, as `fd.typechar` prints it; `?` for an unknown one. */
export function descriptorTypeCharacter(type: number): string {
  return characters[type] ?? "?";
}

/** The name of the type of a descriptor, as `fd.type` prints it; `<NA>` for an unknown one. */
export function descriptorTypeName(type: number): string {
  return names[type] ?? "<NA>";
}

/** Whether it is a regular file. */
export function isFile(type: number): boolean {
  return type === descriptorTypes.file || type === descriptorTypes.openedFile;
}
