import type { HostFileStatus, HostProcess } from "../../../model/checks/host-view.ts";
import {
  type Command,
  type CommandContext,
  type CommandResult,
  HostRefusal,
  joinLines,
  linesOf,
  wrote,
} from "./command.ts";
import { findCommand } from "./find-command.ts";
import { readFile, statusOf } from "./host-files.ts";
import { ScriptRefusal } from "./parse-script.ts";

/** Commands that look at the host, answered from `/proc` and files. Options that are not listed are refused. */
export const hostCommands: Readonly<Record<string, Command>> = {
  ps,
  stat,
  cat,
  find: findCommand,
  test: (args, context) => test(args, context),
  "[": (args, context) => {
    if (args.at(-1) !== "]") throw new ScriptRefusal("a [ is not closed");
    return test(args.slice(0, -1), context);
  },
  xargs,
  sh: shell,
  bash: shell,
  sysctl,
  lsmod: async (args, context) => {
    if (args.length > 0) throw new ScriptRefusal(`lsmod arguments are not supported: ${args.join(" ")}`);
    const modules = await readFile("/proc/modules", context);
    if (typeof modules === "object") throw new HostRefusal(modules.error);
    const rows = linesOf(modules).map((line) => line.split(" ").slice(0, 4).join(" "));
    return wrote(joinLines(["Module Size Used by", ...rows]));
  },
  mount: async (args, context) => {
    if (args.length > 0) throw new ScriptRefusal(`mount options are not supported: ${args.join(" ")}`);
    const mounts = await readFile("/proc/self/mounts", context);
    if (typeof mounts === "object") throw new HostRefusal(mounts.error);
    const rows = linesOf(mounts).map((line) => {
      const [source, path, type, options] = line.split(" ");
      return `${source} on ${path} type ${type} (${options})`;
    });
    return wrote(joinLines(rows));
  },
};

async function ps(args: readonly string[], { host }: CommandContext): Promise<CommandResult> {
  const processes = await host.processes();
  if ("unavailable" in processes) throw new HostRefusal(processes.unavailable);
  const options = args.join(" ");
  const named = /^(?:-fC|-f -C|-C) (\S.*?)(?: (-o (?:pid=|cmd --no-headers|args=)))?$/.exec(options);
  if (/^(?:-ef|-e -f|-Af|aux|-aux)$/.test(options)) return wrote(joinLines([header, ...processes.map(row)]));
  if (!named) throw new ScriptRefusal(`ps ${options} is not supported`);
  const name = (named[1] ?? "").slice(0, 15);
  const found = processes.filter((process) => process.name === name);
  const status = found.length === 0 ? 1 : 0;
  if (named[2] === "-o pid=") return wrote(joinLines(found.map(({ pid }) => String(pid).padStart(7))), status);
  if (named[2] !== undefined) return wrote(joinLines(found.map(commandLine)), status);
  return wrote(joinLines([header, ...found.map(row)]), status);
}

const header = "UID          PID    PPID  C STIME TTY          TIME CMD";

function row(process: HostProcess): string {
  const { user, pid, parent } = process;
  const numbers = `${String(pid).padStart(7)} ${String(parent).padStart(7)}`;
  return `${user.padEnd(8)} ${numbers}  0 00:00 ?        00:00:00 ${commandLine(process)}`;
}

function commandLine({ argv, name }: HostProcess): string {
  // A line break in an argument must not make a row of its own.
  return argv.length === 0 ? `[${name}]` : argv.join(" ").replaceAll("\n", " ");
}

async function stat(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  let format: string | undefined;
  const paths: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "-c" || argument === "--format") format = args[++index] ?? "";
    else if (/^-c|^--format=/.test(argument)) format = argument.replace(/^(?:-c|--format=)/, "");
    else if (argument === "-L") continue;
    else if (argument.startsWith("-")) throw new ScriptRefusal(`stat ${argument} is not supported`);
    else paths.push(argument);
  }
  if (format === undefined) throw new ScriptRefusal("stat without a format is not supported");
  if (paths.length === 0) return { output: "", errors: "stat: missing operand\n", status: 1 };
  let output = "";
  let errors = "";
  for (const path of paths) {
    const status = await statusOf(path, context);
    if (status) output += `${formatted(format, { path, status })}\n`;
    else errors += `stat: cannot statx '${path}': No such file or directory\n`;
  }
  return { output, errors, status: errors === "" ? 0 : 1 };
}

function formatted(
  format: string,
  { path, status }: { readonly path: string; readonly status: HostFileStatus },
): string {
  return format.replace(/%(.?)/g, (_, letter: string) => {
    switch (letter) {
      case "a":
        return status.mode.toString(8);
      case "U":
        return status.user ?? "UNKNOWN";
      case "G":
        return status.group ?? "UNKNOWN";
      case "u":
        return String(status.uid);
      case "g":
        return String(status.gid);
      case "n":
        return path;
      case "N":
        return `'${path}'`;
      case "%":
        return "%";
      default:
        throw new ScriptRefusal(`stat with %${letter} is not supported`);
    }
  });
}

async function cat(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  if (args.length === 0) return wrote(context.input);
  let output = "";
  let errors = "";
  for (const path of args) {
    if (path.startsWith("-")) throw new ScriptRefusal(`cat ${path} is not supported`);
    const environment = /^\/proc\/(\d{1,10})\/environ$/.exec(path);
    if (environment) {
      const variables = await context.host.environment(Number(environment[1]));
      if ("unavailable" in variables) throw new HostRefusal(variables.unavailable);
      output += variables.map((variable) => `${variable}\0`).join("");
      continue;
    }
    if ((await statusOf(path, context))?.kind === "directory") {
      errors += `cat: ${path}: Is a directory\n`;
      continue;
    }
    const text = await readFile(path, context);
    if (typeof text === "object") errors += `cat: ${text.error}\n`;
    else output += text;
  }
  return { output, errors, status: errors === "" ? 0 : 1 };
}

async function test(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  if (args[0] === "!") {
    const { status } = await test(args.slice(1), context);
    return wrote("", status === 0 ? 1 : 0);
  }
  const [first = "", second = "", third = ""] = args;
  const answer = (holds: boolean): CommandResult => wrote("", holds ? 0 : 1);
  if (args.length <= 1) return answer(first !== "");
  if (args.length === 2) {
    if (first === "-z" || first === "-n") return answer((second === "") === (first === "-z"));
    if (!/^-[efdSrs]$/.test(first)) throw new ScriptRefusal(`test ${first} is not supported`);
    if (second === "") return answer(false);
    const status = await statusOf(second, context);
    const kinds: Readonly<Record<string, HostFileStatus["kind"]>> = { "-f": "file", "-d": "directory", "-S": "socket" };
    const kind = kinds[first];
    if (first === "-s" || first === "-r") throw new ScriptRefusal(`test ${first} is not supported`);
    return answer(status !== undefined && (kind === undefined || status.kind === kind));
  }
  if (args.length !== 3) throw new ScriptRefusal(`test ${args.join(" ")} is not supported`);
  if (second === "=" || second === "==") return answer(first === third);
  if (second === "!=") return answer(first !== third);
  const [a, b] = [Number(first), Number(third)];
  const orders: Readonly<Record<string, boolean>> = {
    ...{ "-eq": a === b, "-ne": a !== b, "-gt": a > b, "-ge": a >= b, "-lt": a < b, "-le": a <= b },
  };
  const holds = orders[second];
  if (holds === undefined || !/^-?\d+$/.test(first) || !/^-?\d+$/.test(third)) {
    throw new ScriptRefusal(`test ${args.join(" ")} is not supported`);
  }
  return answer(holds);
}

async function xargs(args: readonly string[], { input, run }: CommandContext): Promise<CommandResult> {
  let place: string | undefined;
  let atOnce = Number.POSITIVE_INFINITY;
  let onlyWithInput = false;
  let index = 0;
  for (; index < args.length && (args[index] ?? "").startsWith("-"); index++) {
    const argument = args[index] ?? "";
    const count = /^(?:-L ?|-n ?|--max-args=)(\d{1,4})?$/.exec(argument);
    if (argument === "-r" || argument === "--no-run-if-empty") onlyWithInput = true;
    else if (argument === "-I") place = args[++index] ?? "";
    else if (argument.startsWith("-I")) place = argument.slice(2);
    else if (count) atOnce = Number(count[1] ?? args[++index] ?? "1");
    else throw new ScriptRefusal(`xargs ${argument} is not supported`);
  }
  const command = args.slice(index);
  if (command.length === 0) command.push("echo");
  const results: CommandResult[] = [];
  if (place !== undefined) {
    for (const line of linesOf(input).filter((item) => item.trim() !== "")) {
      const item = line.trim();
      results.push(
        await run(
          command.map((word) => word.replaceAll(place, () => item)),
          "",
        ),
      );
    }
  } else {
    const items = input.split(/\s+/).filter((item) => item !== "");
    if (items.length === 0 && !onlyWithInput) results.push(await run(command, ""));
    for (let at = 0; at < items.length; at += atOnce) {
      results.push(await run([...command, ...items.slice(at, at + Math.min(atOnce, items.length))], ""));
    }
  }
  return {
    output: results.map(({ output }) => output).join(""),
    errors: results.map(({ errors }) => errors).join(""),
    status: results.some(({ status }) => status !== 0) ? 123 : 0,
  };
}

function shell(args: readonly string[], { input, runScript }: CommandContext): Promise<CommandResult> {
  if (args[0] !== "-c" || args.length !== 2) throw new ScriptRefusal(`sh ${args.join(" ")} is not supported`);
  return runScript(args[1] ?? "", input);
}

async function sysctl(args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const [name = ""] = args;
  if (args.length !== 1 || !/^[a-z0-9_]+(?:\.[a-z0-9_-]+)+$/i.test(name)) {
    throw new ScriptRefusal(`sysctl ${args.join(" ")} is not supported`);
  }
  const value = await readFile(`/proc/sys/${name.replaceAll(".", "/")}`, context);
  if (typeof value === "string") return wrote(`${name} = ${value.trim()}\n`);
  const errors = `sysctl: cannot stat /proc/sys/${name.replaceAll(".", "/")}: No such file or directory\n`;
  return { output: "", errors, status: 255 };
}
