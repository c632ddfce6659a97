import type { ByteString } from "../../model/events/kernel-event.ts";

/** The kernel's own limit of a path, with its terminator. */
const longest = 1024;
const slash = 0x2f;
const dot = 0x2e;

/**
 * The clean path that `path` means from `directory`, which ends with a slash: an absolute one stands for itself,
 * repeated slashes and `.` vanish, `..` goes up as far as it can, a slash at the end goes. As libsinsp joins them, also
 * where the result is odd (`directory` itself is not cleaned).
 */
export function joinPaths(directory: ByteString, path: ByteString): ByteString {
  if (directory.length + path.length + 1 > longest) return "/DIR_TOO_LONG/FILENAME_TOO_LONG";
  const isRelative = path.length > 0 && path.charCodeAt(0) !== slash;
  if (isClean(path)) {
    if (!isRelative) return path;
    const before = directory.length === 0 ? slash : directory.charCodeAt(directory.length - 1);
    // A leading dot only means something at the start of a component.
    if (path.charCodeAt(0) !== dot || before !== slash) return directory + path;
  }
  return normalise(isRelative ? directory : "", path);
}

/** No empty component, none that begins with a dot behind a slash, and no slash at the end. */
function isClean(path: ByteString): boolean {
  const last = path.length - 1;
  for (let at = 0; at <= last; at++) {
    if (path.charCodeAt(at) !== slash) continue;
    if (at === last) return last === 0;
    const next = path.charCodeAt(at + 1);
    if (next === slash || next === dot) return false;
  }
  return true;
}

function normalise(base: ByteString, path: ByteString): ByteString {
  let target = base;
  let at = 0;
  while (at < path.length) {
    const code = path.charCodeAt(at);
    const atStart = target.length === 0 || target.charCodeAt(target.length - 1) === slash;
    if (code === dot && atStart) {
      const next = at + 1 < path.length ? path.charCodeAt(at + 1) : 0;
      const third = at + 2 < path.length ? path.charCodeAt(at + 2) : 0;
      if (next === dot && (third === slash || third === 0)) {
        target = parentOf(target);
        at += third === 0 ? 2 : 3;
        continue;
      }
      if (next === slash || next === 0) {
        at += next === 0 ? 1 : 2;
        continue;
      }
    } else if (code === slash) {
      const isWhole = target.length === 0 && base.length > 0;
      if (!((target.length > 0 && atStart) || isWhole)) target += "/";
      at++;
      continue;
    }
    let end = at + 1;
    while (end < path.length && path.charCodeAt(end) !== slash) end++;
    target += path.slice(at, end);
    at = end;
  }
  return target.length > 1 && target.endsWith("/") ? target.slice(0, -1) : target;
}

/** Without its last component; a path of one character, or none, stays. */
function parentOf(path: ByteString): ByteString {
  if (path.length <= 1) return path;
  let end = path.length - 1;
  while (end > 0 && path.charCodeAt(end - 1) !== slash) end--;
  return path.slice(0, end);
}
