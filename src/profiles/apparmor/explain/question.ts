import { capabilities, networkFamilies, signals } from "../checks/known-names.ts";
import type { AccessQuestion } from "../decisions/decide-access.ts";

/** A question about a profile: a path, or another access. */
export type Question = { readonly kind: "path"; readonly path: string } | AccessQuestion;

/**
 * A question in words, as on a command line: a path; `capability NAME`; `network FAMILY [TYPE]`;
 * `signal ACCESS PEER [SIGNAL]`; `ptrace ACCESS PEER`; `mount TARGET [source=…] [fstype=…] [options=…]`;
 * `umount TARGET`; `userns`. Throws an `Error` that says what is expected.
 */
export function parseQuestion(words: readonly string[]): Question {
  const [subject = "", ...rest] = words;
  if (subject.startsWith("/")) {
    if (rest.length > 0) throw new Error("a path is asked about alone");
    return { kind: "path", path: subject };
  }
  switch (subject) {
    case "capability":
      return { kind: "capability", name: capabilityName(rest[0]) };
    case "network":
      return networkQuestion(rest);
    case "signal":
    case "ptrace":
      return peerQuestion(subject, rest);
    case "mount":
    case "remount":
    case "umount":
      return mountQuestion(subject, rest);
    case "userns":
      return { kind: "userns", access: "create" };
    default:
      throw new Error("expected a path, capability, network, signal, ptrace, mount, remount, umount or userns");
  }
}

function capabilityName(word: string | undefined): string {
  const name = word?.toLowerCase().replace(/^cap_/, "") ?? "";
  if (!capabilities.includes(name)) throw new Error("expected the name of a capability, such as net_admin");
  return name;
}

function networkQuestion([family, type, protocol]: readonly string[]): Question {
  if (family === undefined || !networkFamilies.has(family)) {
    throw new Error("expected a network family and a type, such as inet stream");
  }
  return { kind: "network", family, type, protocol };
}

function peerQuestion(kind: "signal" | "ptrace", [access, peer, signal]: readonly string[]): Question {
  const known = kind === "signal" ? ["send", "receive"] : ["trace", "read", "tracedby", "readby"];
  if (access === undefined || !known.includes(access) || peer === undefined) {
    throw new Error(`expected ${known.join(" or ")}, and the profile of the other process`);
  }
  if (signal !== undefined && !signals.has(signal)) throw new Error(`unknown signal ${signal}`);
  return { kind, access, signal, peer };
}

function mountQuestion(kind: "mount" | "remount" | "umount", words: readonly string[]): Question {
  const [target, ...details] = words;
  if (!target?.startsWith("/")) throw new Error("expected a mount point that begins with /");
  const value = (name: string): string | undefined =>
    details.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const unknown = details.find((word) => !/^(?:source|fstype|options)=/.test(word));
  if (unknown !== undefined) throw new Error(`expected source=, fstype= or options=, not ${unknown}`);
  const options = value("options")?.split(",") ?? [];
  return { kind, target, source: value("source"), type: value("fstype"), options };
}
