/** The operating system's words for a failure, without the call and the path that Node adds. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  const words: Record<string, string> = {
    E2BIG: "its arguments and environment are too long",
    EACCES: "permission denied",
    EIO: "the device reports an error",
    EISDIR: "it is a folder",
    ELOOP: "too many symbolic links",
    EMFILE: "too many open files",
    ENAMETOOLONG: "the name is too long",
    ENOENT: "it does not exist",
    ENOSPC: "no space left on the device",
    ENOTDIR: "it is not a folder",
    ENXIO: "it is a socket, or a device that does not exist",
    EPERM: "operation not permitted",
    EROFS: "the file system is read-only",
  };
  return words[code] ?? cause.message;
}
