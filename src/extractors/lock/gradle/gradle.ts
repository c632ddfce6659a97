import type { OpenFile } from "../../../model/images/file.ts";
import type { Context } from "../../../model/plugin.ts";
import type { Extraction, Extractor } from "../../extractor.ts";
import { damage } from "../../os/damage.ts";
import { readText } from "../../os/read-text.ts";

/**
 * The Maven artifacts that a lock file of Gradle names, of all configurations, build and test too.
 *
 * Source: Gradle, "Locking versions": `group:artifact:version=configurations`.
 */
export const gradleLock: Extractor = {
  id: "lock/gradle",
  revision: 1,
  files: [{ basename: "gradle.lockfile" }, { basename: "buildscript-gradle.lockfile" }],
  extract,
};

function* extract(file: OpenFile, context: Context): Generator<Extraction> {
  const text = readText(file, context);
  if (text === undefined) return;
  const broken = damage(file, context, "line");
  for (const line of text.split("\n")) {
    const content = line.trim();
    if (content === "" || content.startsWith("#") || content.startsWith("empty=")) continue;
    const [, name, version] = /^([\w.-]{1,200}:[\w.-]{1,200}):([\w.+-]{1,200})=/.exec(content) ?? [];
    if (name === undefined || version === undefined) {
      broken.note(`${JSON.stringify(content.slice(0, 100))} is not an artifact with a version`);
    } else yield { kind: "package", package: { type: "maven", name, version } };
  }
  broken.report();
}
