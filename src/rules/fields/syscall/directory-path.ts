import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { KernelEvent } from "../../state/kernel-event.ts";

const workingDirectory = -100;

/**
 * What a path of a call is relative to, with a slash at its end: `.` for an absolute path, the working directory, the
 * path of the descriptor, or `<UNKNOWN>` when nothing is known of it.
 */
export function directoryOf(event: KernelEvent, path: ByteString, fd: number): ByteString {
  if (path.startsWith("/")) return ".";
  const { thread } = event;
  if (thread === undefined) return "<UNKNOWN>";
  if (fd === workingDirectory) return thread.cwd;
  const name = thread.descriptors.get(fd)?.name;
  if (name === undefined) return "<UNKNOWN>";
  return name === "" || name.endsWith("/") ? name : `${name}/`;
}
