import { shellWord } from "../evidence.ts";

/**
 * A command of kubectl with arguments of its own and names out of a cluster; undefined when one of the names is none
 * that Kubernetes would accept, and might be taken for an option.
 */
export function kubectlCommand(words: readonly string[], names: Readonly<Record<string, string>>): string | undefined {
  if (!Object.values(names).every((name) => /^[A-Za-z0-9][\w.:@-]{0,252}$/.test(name))) return undefined;
  const filled = words.map((word) => (Object.hasOwn(names, word) ? (names[word] ?? "") : word));
  return ["kubectl", ...filled].map(shellWord).join(" ");
}
