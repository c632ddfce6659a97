import { lstatSync } from "node:fs";
import { reasonOf } from "../../io/reason-of.ts";
import type { Problem } from "../../model/reports/problem.ts";
import { readWhole } from "./find-files.ts";

const largest = 1024 * 1024;

/**
 * The text of a file `.env`, at most 1 MiB; undefined when there is none. A file that is not regular, is too large or
 * cannot be read is a problem.
 */
export function readEnvironment(path: string, problem: (problem: Problem) => void): string | undefined {
  try {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (status.isFile() && status.size <= largest) return readWhole(path, problem)?.toString("utf8");
    const reason = status.isFile() ? `it is larger than ${largest} bytes` : "it is not a regular file";
    const message = `${reason}: its variables are unknown`;
    problem({ code: "not-examined", message, path });
  } catch (cause) {
    problem({ code: "unreadable", message: `it cannot be read: ${reasonOf(cause)}`, path });
  }
  return undefined;
}
