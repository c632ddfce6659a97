import { isJsonObject } from "../../model/objects/json-object.ts";
import type { JsonPlace } from "./json-shape.ts";

/**
 * Whether a document says that one of these tools made it: they name the source of a package where it is called
 * otherwise, so that a package without one is its own source. CycloneDX has the tools in `metadata.tools`, as a list or
 * below `components`; SPDX in `creationInfo.creators`, as `Tool: syft-1.18.0`.
 */
export function namesOtherSources({ object }: JsonPlace): boolean {
  return makersOf(object).some((maker) => /\b(?:plimsoll|scout|syft|trivy)\b/i.test(maker));
}

/** Whether a document says that Syft made it. */
export function isMadeBySyft({ object }: JsonPlace): boolean {
  return makersOf(object).some((maker) => /\bsyft\b/i.test(maker));
}

/** Whether a document says that Plimsoll made it, whose properties tell all that it knows. */
export function isMadeByPlimsoll({ object }: JsonPlace): boolean {
  return makersOf(object).some((maker) => /\bplimsoll\b/i.test(maker));
}

function makersOf({ metadata, creationInfo }: JsonPlace["object"]): string[] {
  const tools = isJsonObject(metadata) ? metadata["tools"] : undefined;
  const components = isJsonObject(tools) ? tools["components"] : tools;
  const creators = isJsonObject(creationInfo) ? creationInfo["creators"] : undefined;
  const names = listOf(components).flatMap((tool) => (isJsonObject(tool) ? [tool["name"], tool["vendor"]] : []));
  const texts = listOf(creators).filter((creator) => typeof creator === "string" && creator.startsWith("Tool:"));
  return [...names, ...texts].filter((name) => typeof name === "string");
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostMakers) : [];
}

const mostMakers = 100;
