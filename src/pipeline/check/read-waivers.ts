import { readYamlShape, type YamlShape } from "../../io/documents/yaml-shape.ts";
import type { CheckWaiver } from "../../policy/check-waivers.ts";
import { readDay } from "../../policy/file/waiver-day.ts";

/**
 * Reads waivers: `waivers:` with a list of `{id, resource, reason, until, owner}`, of which `id` and `reason` are
 * needed. Error: `file-malformed` with the place.
 */
export function readWaivers(text: string, file: string): readonly CheckWaiver[] {
  const shape = readYamlShape(text, { file, hint: "docs/checks.md has an example of a waiver file." });
  if (shape.value === null) return [];
  return shape.members(["waivers"])("waivers")?.list().map(waiverOf) ?? [];
}

function waiverOf(shape: YamlShape): CheckWaiver {
  const member = shape.members(["id", "resource", "reason", "until", "owner"]);
  const resource = member("resource")?.text();
  const owner = member("owner")?.text();
  const until = member("until");
  return {
    id: filled(member("id")) ?? shape.refuse("does not have a check id"),
    reason: filled(member("reason")) ?? shape.refuse("has no reason"),
    ...(resource !== undefined && { resource }),
    ...(until && { until: readDay(until) }),
    ...(owner !== undefined && { owner }),
  };
}

function filled(shape: YamlShape | undefined): string | undefined {
  const text = shape?.text();
  return text?.trim() === "" ? undefined : text;
}
