import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Files by their path; a value with a mode is `0600 text`. */
export type NodeFiles = Readonly<Record<string, string>>;

/** Writes the files of a host below a folder, with root as its only user. */
export function writeNodeTree(root: string, files: NodeFiles): void {
  const all = { "/etc/passwd": "root:x:0:0::/root:/bin/sh\n", "/etc/group": "root:x:0:\n", ...files };
  for (const [path, value] of Object.entries(all)) {
    const [, mode, text] = /^(0[0-7]{3}) ([\s\S]*)$/.exec(value) ?? [undefined, "0644", value];
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text ?? "");
    chmodSync(join(root, path), Number.parseInt(mode ?? "", 8));
  }
}

/** What `/proc` shows of a process. */
export function processFiles(pid: number, argv: readonly string[], environ: readonly string[] = []): NodeFiles {
  const name = (argv[0] ?? "").split(/[ /]/).find((part) => /^(?:k3s|kube|etcd|nginx)/.test(part)) ?? "x";
  const title = (argv[0] ?? "").includes(" ") ? (argv[0] ?? "").split("/").at(-1)?.replace(" ", "-") : name;
  return {
    [`/proc/${pid}/status`]: `Name:\t${title?.slice(0, 15)}\nPPid:\t1\nUid:\t0\t0\t0\t0\n`,
    [`/proc/${pid}/cmdline`]: `${argv.join("\0")}\0`,
    [`/proc/${pid}/environ`]: `${environ.join("\0")}\0`,
  };
}
