import { descriptorTypes } from "../../state/descriptor.ts";

/** What `fd.typechar` can print, by type. */
export const descriptorTypeCharacters = "ofd4646pueXslitnfburmP";
/** What `fd.type` can print, by type. */
export const descriptorTypeNames: readonly string[] = [
  ...["<NA>", "file", "directory", "ipv4", "ipv6", "ipv4", "ipv6", "pipe", "unix", "event", "<NA>", "signalfd"],
  ...["eventpoll", "inotify", "timerfd", "netlink", "file", "bpf", "userfaultfd", "io_uring", "memfd", "pidfd"],
];

/** The type of a descriptor in one character, as `fd.typechar` prints it; `?` for an unknown one. */
export function descriptorTypeCharacter(type: number): string {
  return descriptorTypeCharacters[type] ?? "?";
}

/** The name of the type of a descriptor, as `fd.type` prints it; `<NA>` for an unknown one. */
export function descriptorTypeName(type: number): string {
  return descriptorTypeNames[type] ?? "<NA>";
}

/** Whether it is a regular file. */
export function isFile(type: number): boolean {
  return type === descriptorTypes.file || type === descriptorTypes.openedFile;
}
