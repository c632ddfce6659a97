import type { HostFileStatus } from "../../../model/checks/host-view.ts";
import { type CommandContext, HostRefusal } from "./command.ts";
import { ScriptRefusal } from "./parse-script.ts";

/**
 * The text of a file, or what a program would say of it. Error: {@link HostRefusal} when it is there and cannot be
 * read.
 */
export async function readFile(
  path: string,
  { host }: Pick<CommandContext, "host">,
): Promise<string | { readonly error: string }> {
  const text = await host.read(absolute(path));
  if (text === undefined) return { error: `${path}: No such file or directory` };
  if (typeof text === "object") throw new HostRefusal(text.unavailable);
  return text;
}

/** What lies at a path; undefined when nothing does. Error: {@link HostRefusal}. */
export async function statusOf(
  path: string,
  { host }: Pick<CommandContext, "host">,
): Promise<HostFileStatus | undefined> {
  const status = await host.status(absolute(path));
  if (status !== undefined && "unavailable" in status) throw new HostRefusal(status.unavailable);
  return status;
}

/** Audits have no folder that they stand in. Error: {@link ScriptRefusal}. */
function absolute(path: string): string {
  if (path.startsWith("/")) return path;
  throw new ScriptRefusal(`the path ${path} is not absolute`);
}
