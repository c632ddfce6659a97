import { existsSync } from "node:fs";
import { parseDocument } from "yaml";
import { namedPath } from "../../io/files/named-path.ts";
import { readSmallFile } from "../../io/files/read-small-file.ts";
import { oneLine } from "../../io/one-line.ts";
import { reasonOf } from "../../io/reason-of.ts";
import { PlimsollError } from "../../model/error.ts";
import { type KubeConfig, malformed, mergeKubeConfigs } from "./kube-config.ts";

const largestFile = 8 * 1024 * 1024;

/** Which files are read. */
export interface KubeConfigFiles {
  readonly paths: readonly string[];
  /** True for a file that was named for this run: it must exist. A missing file among the usual ones is ignored. */
  readonly required: boolean;
}

/**
 * Reads kubeconfigs and joins them; undefined when none of them exists.
 *
 * Errors: `usage` for one that must exist and does not or that cannot be read, `file-malformed`.
 */
export async function readKubeConfig({ paths, required }: KubeConfigFiles): Promise<KubeConfig | undefined> {
  const files: { file: string; content: unknown }[] = [];
  for (const file of paths) {
    const text = await readIfPresent(file, required);
    if (text !== undefined) files.push({ file, content: parseYaml(file, text) });
  }
  return files.length === 0 ? undefined : mergeKubeConfigs(files);
}

/** A small file that a kubeconfig names. Error: `usage`. */
export async function readNamedFile(path: string): Promise<string> {
  const text = await readIfPresent(path, true);
  return text ?? "";
}

async function readIfPresent(path: string, required: boolean): Promise<string | undefined> {
  const isContent = /[\p{Cc}{}]/u.test(path);
  if (!required && !isContent && !existsSync(path)) return undefined;
  namedPath(path, { setting: "--kubeconfig, KUBECONFIG or a kubeconfig" });
  try {
    return readSmallFile(path, { largest: largestFile }).toString("utf8");
  } catch (error) {
    if (error instanceof PlimsollError) throw malformed(path, `it is larger than ${largestFile} bytes`);
    if (!required && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PlimsollError("usage", `${path} cannot be read: ${reasonOf(error)}`, {
      hint: "Check --kubeconfig, KUBECONFIG and the paths in the kubeconfig.",
    });
  }
}

/**
 * What a YAML text says, with merge keys (`<<`), which kubectl knows. Its reader's own messages quote the text, which
 * may be a secret, so only the place is reported.
 */
function parseYaml(file: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, logLevel: "silent", merge: true });
  const error = document.errors[0];
  if (error) {
    const line = error.linePos?.[0].line;
    const place = line === undefined ? "" : ` at line ${line}`;
    throw malformed(file, `it is not valid YAML${place} (${oneLine(error.code)})`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("Merge sources")) {
      throw malformed(file, "a merge key (<<) is followed by a value that is not a map");
    }
    throw malformed(file, "its aliases expand to too much data, or an alias is used more than 100 times");
  }
}
