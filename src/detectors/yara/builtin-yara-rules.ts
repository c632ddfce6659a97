import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dataPath } from "../../io/files/data-path.ts";
import { compileYaraRules, type YaraFile } from "./compile-yara-rules.ts";
import type { YaraRules } from "./yara-rules.ts";

/** The rules that come with the program, compiled. Each has `title`, `description` and `severity` in its meta. */
export function builtinYaraRules(): YaraRules {
  return compileYaraRules(builtinYaraFiles());
}

/** The files of {@link builtinYaraRules}, by name. */
export function builtinYaraFiles(): readonly YaraFile[] {
  const folder = dataPath("malware");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yar"))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}
