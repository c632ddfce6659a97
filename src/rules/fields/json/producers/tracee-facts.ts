import { memberOf, valueAt } from "../json-value.ts";
import { type CommonFacts, type EndFacts, nameOf, numberIn, textIn } from "./common-facts.ts";

/** Events that stand for a system call or its like; those of system calls have their names. */
const types: Readonly<Record<string, string>> = {
  sched_process_exec: "execve",
  sched_process_exit: "procexit",
  sched_process_fork: "clone",
  security_file_open: "open",
  security_socket_connect: "connect",
  security_socket_accept: "accept",
  security_socket_listen: "listen",
  security_socket_bind: "bind",
};

/** Reads an argument of an event by its name. */
type Arguments = (name: string) => unknown;

/** The facts of a Tracee event: `v1beta1.Event`, or the flat `trace.Event` of versions before it. */
export function traceeFacts(value: unknown): CommonFacts {
  return memberOf(value, "workload") === undefined ? flatFacts(value) : eventFacts(value);
}

function eventFacts(value: unknown): CommonFacts {
  const name = textIn(memberOf(value, "name"));
  const workload = memberOf(value, "workload");
  const process = memberOf(workload, "process");
  const [parent] = asArray(memberOf(process, "ancestors"));
  const args = argumentsOf(memberOf(value, "data"), dataValue);
  const exepath = textIn(valueAt(process, ["executable", "path"]));
  const parentPath = textIn(valueAt(parent, ["executable", "path"]));
  return {
    ...ofArguments(name, args),
    process: {
      name: textIn(valueAt(process, ["thread", "name"])) ?? nameOf(exepath),
      exepath: exepath ?? executed(name, args),
      args: wordsAfterFirst(args("argv")),
      pid: wrapped(memberOf(process, "host_pid")) ?? wrapped(memberOf(process, "pid")),
      uid: wrapped(valueAt(process, ["real_user", "id"])),
    },
    parent: {
      name: textIn(valueAt(parent, ["thread", "name"])) ?? nameOf(parentPath),
      exepath: parentPath,
      pid: wrapped(memberOf(parent, "host_pid")) ?? wrapped(memberOf(parent, "pid")),
    },
    container: {
      id: textIn(valueAt(workload, ["container", "id"])) ?? "host",
      name: textIn(valueAt(workload, ["container", "name"])),
      image: textIn(valueAt(workload, ["container", "image", "name"])),
    },
    pod: {
      name: textIn(valueAt(workload, ["k8s", "pod", "name"])),
      namespace: textIn(valueAt(workload, ["k8s", "namespace", "name"])),
    },
  };
}

function flatFacts(value: unknown): CommonFacts {
  const name = textIn(memberOf(value, "eventName"));
  const args = argumentsOf(memberOf(value, "args"), (argument) => memberOf(argument, "value"));
  return {
    ...ofArguments(name, args),
    process: {
      name: textIn(memberOf(value, "processName")),
      exepath: textIn(valueAt(value, ["executable", "path"])) ?? executed(name, args),
      args: wordsAfterFirst(args("argv")),
      pid: numberIn(memberOf(value, "hostProcessId")),
      uid: numberIn(memberOf(value, "userId")),
    },
    parent: { pid: numberIn(memberOf(value, "hostParentProcessId")) },
    container: {
      id: textIn(valueAt(value, ["container", "id"])) ?? textIn(memberOf(value, "containerId")) ?? "host",
      name: textIn(valueAt(value, ["container", "name"])) ?? textIn(memberOf(value, "containerName")),
      image: textIn(valueAt(value, ["container", "image"])) ?? textIn(memberOf(value, "containerImage")),
    },
    pod: {
      name: textIn(valueAt(value, ["kubernetes", "podName"])) ?? textIn(memberOf(value, "podName")),
      namespace: textIn(valueAt(value, ["kubernetes", "podNamespace"])) ?? textIn(memberOf(value, "podNamespace")),
    },
  };
}

/** What both forms tell by the arguments of the event. */
function ofArguments(name: string | undefined, args: Arguments): Pick<CommonFacts, "type" | "connection" | "path"> {
  const type = name === undefined ? undefined : (types[name] ?? name);
  const remote = endOf(args("remote_addr") ?? args("addr"));
  const local = endOf(args("local_addr"));
  return {
    type,
    ...((remote ?? local) && {
      connection: {
        ...(local && { local }),
        ...(remote && { remote }),
        client: type === "connect" ? "local" : type?.startsWith("accept") ? "remote" : undefined,
      },
    }),
    path: textIn(args("pathname")),
  };
}

/** What became of a process by its own execution. */
function executed(name: string | undefined, args: Arguments): string | undefined {
  return name === "sched_process_exec" ? (textIn(args("pathname")) ?? textIn(args("cmdpath"))) : undefined;
}

function argumentsOf(list: unknown, read: (argument: unknown) => unknown): Arguments {
  const all = asArray(list);
  return (name) => read(all.find((argument) => memberOf(argument, "name") === name));
}

/** An argument has its value in a member that is called after its type. */
function dataValue(argument: unknown): unknown {
  return memberOf(argument, "str") ?? memberOf(argument, "sockaddr") ?? valueAt(argument, ["str_array", "value"]);
}

function endOf(address: unknown): EndFacts | undefined {
  const ip = textIn(memberOf(address, "sin_addr")) ?? textIn(memberOf(address, "sin6_addr"));
  if (ip === undefined) return undefined;
  return { ip, port: numberIn(memberOf(address, "sin_port") ?? memberOf(address, "sin6_port")) };
}

function wordsAfterFirst(words: unknown): string | undefined {
  return Array.isArray(words) ? (words as readonly unknown[]).slice(1).map(String).join(" ") : undefined;
}

/** Numbers stand by themselves or in an object of their own. */
function wrapped(value: unknown): number | undefined {
  return numberIn(value) ?? numberIn(memberOf(value, "value"));
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
