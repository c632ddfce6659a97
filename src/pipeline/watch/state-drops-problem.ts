import type { Problem } from "../../model/reports/problem.ts";
import { counted } from "../../model/text/counted.ts";
import type { StateDrops } from "../../rules/state/kernel-state.ts";

/**
 * What rules could not see of a capture, since the state of its machine had no room for it; undefined when there was
 * room for all. `path` is the capture as the user named it, `-` for stdin.
 */
export function stateDropsProblem(drops: StateDrops, path: string): Problem | undefined {
  const { threads, descriptors, purgedThreads } = drops;
  const parts = [
    ...(threads > 0 ? [counted(threads, "thread")] : []),
    ...(descriptors > 0 ? [counted(descriptors, "open descriptor")] : []),
    ...(purgedThreads > 0 ? [counted(purgedThreads, "thread that was silent", "threads that were silent")] : []),
  ];
  if (parts.length === 0) return undefined;
  const name = path === "-" ? "from the standard input" : path;
  return {
    code: "limit-exceeded",
    message: `the state of the capture ${name} did not have room for ${parts.join(" and ")}: rules did not see the omitted entries`,
  };
}
