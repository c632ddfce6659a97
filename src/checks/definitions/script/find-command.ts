import { trimEnd } from "../../../model/text/trim-end.ts";
import { type CommandContext, type CommandResult, HostRefusal, joinLines } from "./command.ts";
import { statusOf } from "./host-files.ts";
import { matchesGlob } from "./matches-glob.ts";
import { ScriptRefusal } from "./parse-script.ts";

const mostEntries = 50_000;
const deepest = 64;

interface Conditions {
  least: number;
  most: number;
  type: "file" | "directory" | undefined;
  pattern: string | undefined;
}

/** `find PATH… [-mindepth N] [-maxdepth N] [-type f|d] [-name PATTERN]`, names in order. */
export async function findCommand(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const first = args.findIndex((argument) => argument.startsWith("-"));
  const paths = first < 0 ? args : args.slice(0, first);
  const conditions = conditionsOf(first < 0 ? [] : args.slice(first));
  if (paths.length === 0) throw new ScriptRefusal("find without a path is not supported");
  const found: string[] = [];
  let errors = "";
  let entries = 0;
  for (const path of paths) {
    const waiting: { path: string; depth: number }[] = [{ path, depth: 0 }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (++entries > mostEntries) throw new HostRefusal(`more than ${mostEntries} files below ${path}`);
      const status = await statusOf(next.path, context);
      if (!status) {
        if (next.depth === 0) errors += `find: '${path}': No such file or directory\n`;
        continue;
      }
      if (matches(conditions, { ...next, kind: status.kind })) found.push(next.path);
      if (status.kind !== "directory" || next.depth >= Math.min(conditions.most, deepest)) continue;
      const names = await context.host.list(next.path);
      if (names === undefined) continue;
      if ("unavailable" in names) throw new HostRefusal(names.unavailable);
      const { path: folder, depth } = next;
      const below = names.map((name) => ({ path: `${folder.replace(/\/$/, "")}/${name}`, depth: depth + 1 }));
      waiting.push(...below.reverse());
    }
  }
  return { output: joinLines(found), errors, status: errors === "" ? 0 : 1 };
}

function conditionsOf(args: readonly string[]): Conditions {
  const conditions: Conditions = { least: 0, most: deepest, type: undefined, pattern: undefined };
  for (let index = 0; index < args.length; index += 2) {
    const [option, value = ""] = args.slice(index, index + 2);
    if (option === "-mindepth" && /^\d{1,3}$/.test(value)) conditions.least = Number(value);
    else if (option === "-maxdepth" && /^\d{1,3}$/.test(value)) conditions.most = Number(value);
    else if (option === "-type" && (value === "f" || value === "d")) {
      conditions.type = value === "f" ? "file" : "directory";
    } else if (option === "-name") conditions.pattern = value;
    else throw new ScriptRefusal(`find ${option} ${value} is not supported`);
  }
  return conditions;
}

function matches(
  { least, type, pattern }: Conditions,
  { path, depth, kind }: { readonly path: string; readonly depth: number; readonly kind: string },
): boolean {
  if (depth < least || (type !== undefined && kind !== type)) return false;
  return pattern === undefined || matchesGlob(pattern, trimEnd(path, "/").split("/").at(-1) ?? "");
}
