import type { ByteString } from "../../model/events/kernel-event.ts";
import type { KernelEvent } from "./kernel-event.ts";

/** `PPM_AT_FDCWD`: relative to the working directory. */
const workingDirectory = -100;

/** What {@link directoryOf} gives when the state does not know the directory. */
export const unknownDirectory = "<UNKNOWN>";

/**
 * The directory that `path` is relative to, with a slash at its end, for a call that was given the descriptor of one:
 * `.` for an absolute path, {@link unknownDirectory} for a descriptor that the state does not know.
 */
export function directoryOf(event: KernelEvent, path: ByteString, descriptor: number): ByteString {
  if (path.startsWith("/")) return ".";
  const { thread } = event;
  if (thread === undefined) return unknownDirectory;
  if (descriptor === workingDirectory) return thread.cwd;
  const directory = descriptor < 0 ? undefined : thread.descriptors.get(descriptor);
  if (directory === undefined) return unknownDirectory;
  return directory.name === "" || directory.name.endsWith("/") ? directory.name : `${directory.name}/`;
}
