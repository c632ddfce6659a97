import type { HostView, Unreadable } from "../../model/checks/host-view.ts";
import { compareText } from "../../model/text/compare-text.ts";

const unitFolders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];
const mostFiles = 50;
const longestCommand = 64 * 1024;

/** The command that a unit of systemd starts. */
interface UnitCommand {
  readonly words: readonly string[];
  /** The file of the unit, without its drop-ins. */
  readonly path: string;
}

/** The command of a service: the last `ExecStart` of its file and drop-ins; undefined where there is no such unit. */
export async function unitCommand(host: HostView, name: string): Promise<UnitCommand | Unreadable | undefined> {
  for (const folder of unitFolders) {
    const path = `${folder}/${name}`;
    const text = await host.read(path);
    if (text === undefined) continue;
    if (typeof text === "object") return text;
    const dropIns = await dropInsOf(host, name);
    if ("unavailable" in dropIns) return dropIns;
    let words = execStart(text) ?? [];
    for (const file of dropIns) {
      const dropIn = await host.read(file);
      if (typeof dropIn === "object") return dropIn;
      words = execStart(dropIn ?? "") ?? words;
    }
    return { words, path };
  }
  return undefined;
}

/**
 * The drop-ins of a unit in the order of their names, whichever folder they lie in; of two with one name that of the
 * first folder counts.
 */
async function dropInsOf(host: HostView, name: string): Promise<readonly string[] | Unreadable> {
  const found = new Map<string, string>();
  for (const folder of unitFolders) {
    const names = await host.list(`${folder}/${name}.d`);
    if (names !== undefined && "unavailable" in names) return names;
    for (const file of names ?? []) {
      if (file.endsWith(".conf") && !found.has(file)) found.set(file, `${folder}/${name}.d/${file}`);
    }
  }
  if (found.size > mostFiles) return { unavailable: `${name} has more than ${mostFiles} drop-ins` };
  return [...found].sort(([a], [b]) => compareText(a, b)).map(([, path]) => path);
}

function execStart(text: string): readonly string[] | undefined {
  const commands = text
    .replace(/\\\n/g, " ")
    .split("\n")
    .flatMap((line) => /^\s*ExecStart\s*=(.*)$/.exec(line)?.[1] ?? []);
  const last = commands.at(-1);
  return last === undefined ? undefined : wordsOf(last.slice(0, longestCommand));
}

/** Words as systemd divides them: quotes of both kinds, and a backslash before one character. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+/g)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\\(.)/g,
      (_, double?: string, single?: string, escaped?: string) =>
        escaped ?? (double ?? single ?? "").replace(/\\(.)/g, "$1"),
    ),
  );
}
