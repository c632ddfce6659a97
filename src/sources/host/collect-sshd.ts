import type { HostFacts } from "../../model/checks/host-facts.ts";
import { compareText } from "../../model/text/compare-text.ts";
import type { HostRoot } from "./host-root.ts";

const mostFiles = 200;
const deepest = 5;

/**
 * The global part of sshd's configuration: the first value of a keyword counts, and an `Include` is read where it
 * stands. Patterns in an `Include` may have `*` in the file's name only.
 */
export async function collectSshd(root: HostRoot): Promise<HostFacts["sshd"]> {
  const main = await root.find("/etc/ssh/sshd_config");
  if ("unavailable" in main) return main;
  if (main.value === null) return { value: null };
  const reading = { settings: new Map<string, string[]>(), files: 0, problem: "" };
  await readInto(root, "/etc/ssh/sshd_config", { reading, depth: 0 });
  if (reading.problem !== "") return { unavailable: reading.problem };
  return { value: Object.fromEntries([...reading.settings].sort(([a], [b]) => compareText(a, b))) };
}

interface Reading {
  readonly settings: Map<string, string[]>;
  files: number;
  problem: string;
}

/** Reads to the first `Match`: what follows holds for some connections only. */
async function readInto(
  root: HostRoot,
  path: string,
  { reading, depth }: { readonly reading: Reading; readonly depth: number },
): Promise<void> {
  if (depth > deepest || ++reading.files > mostFiles) {
    reading.problem = "sshd_config includes too many files";
    return;
  }
  const text = await root.readText(path);
  if ("unavailable" in text) {
    reading.problem = text.unavailable;
    return;
  }
  for (const line of (text.value ?? "").split("\n")) {
    const match = /^\s*([A-Za-z]{1,64})(?:\s*=\s*|\s+)(.{0,4096})$/.exec(line);
    if (!match) continue;
    const keyword = (match[1] ?? "").toLowerCase();
    const values = (match[2] ?? "")
      .trim()
      .split(/\s+/)
      .map((value) => value.replace(/^"(.*)"$/, "$1"));
    if (keyword === "match") return;
    if (keyword === "include") {
      for (const pattern of values) {
        for (const file of await matching(root, pattern.startsWith("/") ? pattern : `/etc/ssh/${pattern}`)) {
          await readInto(root, file, { reading, depth: depth + 1 });
          if (reading.problem !== "") return;
        }
      }
      continue;
    }
    if (!reading.settings.has(keyword)) reading.settings.set(keyword, values);
  }
}

async function matching(root: HostRoot, pattern: string): Promise<string[]> {
  const end = pattern.lastIndexOf("/");
  const [folder, name] = [pattern.slice(0, end), pattern.slice(end + 1)];
  if (!name.includes("*")) return [pattern];
  const names = await root.list(folder);
  const [start = "", ...rest] = name.split("*");
  const last = rest.at(-1) ?? "";
  return "value" in names
    ? (names.value ?? [])
        .filter((file) => !file.startsWith(".") && file.startsWith(start) && file.endsWith(last))
        .map((file) => `${folder}/${file}`)
    : [];
}
