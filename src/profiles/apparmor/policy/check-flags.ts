import { signals } from "../checks/known-names.ts";

const modes: readonly string[] = ["complain", "enforce", "kill", "default_allow", "unconfined", "prompt"];

const others: ReadonlySet<string> = new Set([
  ..."audit debug interruptible hat no_new_privs mediate_deleted delegate_deleted".split(" "),
  ..."attach_disconnected no_attach_disconnected chroot_relative namespace_relative".split(" "),
  ..."chroot_attach chroot_no_attach".split(" "),
]);

const opposites: readonly (readonly [string, string])[] = [
  ["attach_disconnected", "no_attach_disconnected"],
  ["mediate_deleted", "delegate_deleted"],
  ["chroot_relative", "namespace_relative"],
  ["chroot_attach", "chroot_no_attach"],
];

/** Throws an `Error` for an unknown flag of a profile, and for flags that exclude each other. */
export function checkFlags(flags: readonly string[]): void {
  const given = new Set(flags);
  for (const flag of given) {
    const [name, value] = splitFlag(flag);
    if (value === undefined) {
      if (!modes.includes(flag) && !others.has(flag)) throw new Error(`unknown flag ${flag}`);
    } else if (name === "error") {
      if (!/^E[A-Z0-9]{2,}$/.test(value)) throw new Error(`unknown error ${value}`);
    } else if (name === "kill.signal") {
      if (!signals.has(value)) throw new Error(`unknown signal ${value}`);
    } else if (name === "attach_disconnected.path") {
      if (!value.startsWith("/")) throw new Error(`${name} begins with /`);
    } else {
      throw new Error(`unknown flag ${flag}`);
    }
  }
  const mode = modes.filter((name) => given.has(name));
  if (mode.length > 1) throw new Error(`the modes ${mode.join(" and ")} exclude each other`);
  for (const [one, other] of opposites) {
    if (given.has(one) && given.has(other)) throw new Error(`the flags ${one} and ${other} exclude each other`);
  }
}

function splitFlag(flag: string): readonly [string, string | undefined] {
  const at = flag.indexOf("=");
  return at < 0 ? [flag, undefined] : [flag.slice(0, at), flag.slice(at + 1)];
}
