import { memberOf, valueAt } from "../json-value.ts";
import { type CommonFacts, nameOf, numberIn, type ProcessFacts, textIn } from "./common-facts.ts";

/** Events that stand for a system call or its like. */
const types: Readonly<Record<string, string>> = {
  process_exec: "execve",
  process_exit: "procexit",
  process_connect: "connect",
  process_accept: "accept",
  process_listen: "listen",
  process_close: "close",
};

/** Functions of the kernel that policies commonly watch. */
const functions: Readonly<Record<string, string>> = {
  tcp_connect: "connect",
  tcp_close: "close",
  fd_install: "open",
};

const nobody = 4_294_967_295;

/** The facts of a Tetragon event (`GetEventsResponse` of github.com/cilium/tetragon, api/v1). */
export function tetragonFacts(value: unknown): CommonFacts {
  const kind = Object.keys(value ?? {}).find((key) => key.startsWith("process_"));
  if (kind === undefined) return {};
  const event = memberOf(value, kind);
  const process = memberOf(event, "process");
  const pod = memberOf(process, "pod");
  const connection = kind === "process_kprobe" ? socketOf(event) : connectionOf(event, kind);
  return {
    type: types[kind] ?? functionType(event) ?? kind,
    process: processOf(process),
    parent: processOf(memberOf(event, "parent")),
    container: {
      id: containerId(process),
      name: textIn(valueAt(pod, ["container", "name"])),
      image: textIn(valueAt(pod, ["container", "image", "name"])),
    },
    pod: { name: textIn(memberOf(pod, "name")), namespace: textIn(memberOf(pod, "namespace")) },
    ...(connection && { connection }),
    path: pathOf(event),
  };
}

function processOf(process: unknown): ProcessFacts {
  const binary = textIn(memberOf(process, "binary"));
  const login = numberIn(memberOf(process, "auid"));
  return {
    name: nameOf(binary),
    exepath: binary,
    args: textIn(memberOf(process, "arguments")) ?? (binary === undefined ? undefined : ""),
    cwd: textIn(memberOf(process, "cwd")),
    pid: numberIn(memberOf(process, "pid")),
    uid: numberIn(memberOf(process, "uid")),
    loginUid: login === nobody ? -1 : login,
  };
}

/** Kprobes name a function, for a system call with a prefix that depends on the architecture. */
function functionType(event: unknown): string | undefined {
  const name = textIn(memberOf(event, "function_name"));
  if (name === undefined) return undefined;
  return functions[name] ?? name.replace(/^(?:__[a-z0-9]+_)?sys_/, "");
}

/**
 * Without a scheme (`containerd://`). A process outside pods can still be in a container, of which `docker` is the
 * beginning of the id.
 */
function containerId(process: unknown): string | undefined {
  if (process === undefined) return undefined;
  const id = textIn(valueAt(process, ["pod", "container", "id"])) ?? textIn(memberOf(process, "docker"));
  return id === undefined ? "host" : id.slice(id.lastIndexOf("/") + 1);
}

function connectionOf(event: unknown, kind: string): CommonFacts["connection"] {
  if (kind === "process_listen") {
    const local = { ip: textIn(memberOf(event, "ip")), port: numberIn(memberOf(event, "port")) };
    return { protocol: protocolOf(event), local, client: "remote" };
  }
  if (memberOf(event, "destination_ip") === undefined) return undefined;
  return {
    protocol: protocolOf(event),
    local: { ip: textIn(memberOf(event, "source_ip")), port: numberIn(memberOf(event, "source_port")) },
    remote: { ip: textIn(memberOf(event, "destination_ip")), port: numberIn(memberOf(event, "destination_port")) },
    client: kind === "process_accept" ? "remote" : kind === "process_connect" ? "local" : undefined,
  };
}

/** The first socket among the arguments of a kprobe. */
function socketOf(event: unknown): CommonFacts["connection"] {
  const socket = argumentsOf(event)
    .map((argument) => memberOf(argument, "sock_arg"))
    .find((found) => found !== undefined);
  if (socket === undefined) return undefined;
  return {
    protocol: textIn(memberOf(socket, "protocol"))
      ?.replace(/^IPPROTO_/, "")
      .toLowerCase(),
    local: { ip: textIn(memberOf(socket, "saddr")), port: numberIn(memberOf(socket, "sport")) },
    remote: { ip: textIn(memberOf(socket, "daddr")), port: numberIn(memberOf(socket, "dport")) },
    client: functionType(event) === "connect" ? "local" : undefined,
  };
}

function pathOf(event: unknown): string | undefined {
  for (const argument of argumentsOf(event)) {
    const path = textIn(valueAt(argument, ["file_arg", "path"])) ?? textIn(valueAt(argument, ["path_arg", "path"]));
    // Older versions leave the first slash away.
    if (path !== undefined) return path.startsWith("/") ? path : `/${path}`;
  }
  return undefined;
}

function argumentsOf(event: unknown): readonly unknown[] {
  const args = memberOf(event, "args");
  return Array.isArray(args) ? args : [];
}

function protocolOf(event: unknown): string | undefined {
  return textIn(memberOf(event, "protocol"))?.toLowerCase();
}
