import { PlimsollError } from "../../model/error.ts";
import { reasonOf } from "../reason-of.ts";

/**
 * Why a path that the user named cannot be read: an error of ours as it is, `target-not-found` where nothing is there,
 * else `target-unreadable`.
 */
export function asTargetError(path: string, cause: unknown): PlimsollError {
  if (cause instanceof PlimsollError) return cause;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT"
    ? new PlimsollError("target-not-found", `${path} does not exist`, { cause })
    : new PlimsollError("target-unreadable", `${path} cannot be read: ${reasonOf(cause)}`, { cause });
}
