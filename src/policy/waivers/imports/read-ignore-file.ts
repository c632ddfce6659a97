import { readYamlShape } from "../../../io/documents/yaml-shape.ts";
import { isGrype, readGrype } from "./grype.ts";
import type { ImportedWaivers } from "./import-result.ts";
import { isSnyk, readSnyk } from "./snyk.ts";
import { readTrivyLines } from "./trivy-lines.ts";
import { isTrivyYaml, readTrivyYaml } from "./trivy-yaml.ts";

const hint = "docs/waivers.md lists the ignore files that can be imported.";

/**
 * Reads an ignore file of Trivy, Grype or Snyk, by its content. Error: `file-malformed` for YAML of another form, with
 * the place.
 */
export function readIgnoreFile(text: string, file: string): ImportedWaivers {
  if (!isYamlMapping(text)) return readTrivyLines(text, file);
  const shape = readYamlShape(text, { file, hint });
  if (isTrivyYaml(shape)) return readTrivyYaml(shape, file);
  if (isSnyk(shape)) return readSnyk(shape, file);
  if (isGrype(shape)) return readGrype(shape, file);
  return shape.refuse("is not an ignore file of Trivy, Grype or Snyk");
}

/** A line of `.trivyignore` has no colon behind its first word, unless it is one of `exp:`. */
function isYamlMapping(text: string): boolean {
  return /^["']?[A-Za-z_-]+["']?:(?:\s|$)/m.test(text) || /^\s*\{/.test(text);
}
