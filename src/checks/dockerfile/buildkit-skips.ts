import type { ReadDockerfile } from "./read-dockerfile.ts";
import type { Instruction } from "./syntax/dockerfile.ts";

/** What `skip=…;experimental=…` switches off and on. */
interface CheckDirective {
  readonly skip: readonly string[] | "all";
  readonly experimental: readonly string[] | "all";
}

const nothing: CheckDirective = { skip: [], experimental: [] };

/**
 * True when the file switches off a rule of BuildKit: by its `check` directive, which a build argument replaces, or by
 * a comment of the same form above the instruction. Source: Docker's documentation, "Build checks".
 */
export function isSkipped(rule: string, dockerfile: ReadDockerfile, instruction: Instruction | undefined): boolean {
  const own = (instruction?.comments ?? []).map(commentDirective).find((found) => found !== undefined);
  return [fileDirective(dockerfile), own ?? nothing].some(({ skip }) => skip === "all" || skip.includes(rule));
}

/** True when the file asks for a rule that is off without being asked for. */
export function isExperimental(rule: string, dockerfile: ReadDockerfile): boolean {
  const { experimental } = fileDirective(dockerfile);
  return experimental === "all" || experimental.includes(rule);
}

function fileDirective({ source, settings }: ReadDockerfile): CheckDirective {
  const text = settings.buildArguments?.["BUILDKIT_DOCKERFILE_CHECK"] ?? source.directives.get("check");
  return text === undefined ? nothing : (readDirective(text) ?? nothing);
}

function commentDirective(comment: string): CheckDirective | undefined {
  const value = /^check\s*=\s*(\S+)/i.exec(comment)?.[1];
  return value === undefined ? undefined : readDirective(value);
}

/** `undefined` when an option is not known. */
function readDirective(text: string): CheckDirective | undefined {
  let { skip, experimental } = nothing;
  for (const option of (text.trim().split(" ")[0] ?? "").split(";", 3)) {
    const sign = option.indexOf("=");
    const name = option.slice(0, Math.max(0, sign)).trim();
    const value = option.slice(sign + 1).trim();
    const rules = value === "all" ? "all" : value.split(",").map((rule) => rule.trim());
    if (name === "skip") skip = rules;
    else if (name === "experimental") experimental = rules;
    else if (name !== "error") return undefined;
  }
  return { skip, experimental };
}
