/** Why a path could not be read, as one clause. */
export function whyUnreadable(path: string, error: unknown): string {
  if (hasCode(error, "EACCES", "EPERM")) return `${path} cannot be read by this user`;
  if (hasCode(error, "ELOOP")) return `${path} has become a symbolic link`;
  if (hasCode(error, "ENXIO", "EAGAIN")) return `${path} is not a regular file`;
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown error";
  return `${path} cannot be read (${code})`;
}

/** Whether an error of the file system carries one of the codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === "object" && error !== null && "code" in error && codes.includes(String(error.code));
}
