import type { Stage } from "./syntax/build-stages.ts";

/**
 * The stages that may become an image. With `target` this is the stage of that name or number, and none where the file
 * has no such stage. Without it, these are the last stage and every stage that no other stage builds on or copies from:
 * such a stage serves only as the target of a build of its own.
 */
export function imageStages(stages: readonly Stage[], target?: string): Stage[] {
  if (target !== undefined) {
    const found = namedStage(stages, target);
    return found === undefined ? [] : [found];
  }
  const used = new Set<Stage>();
  const byName = new Map<string, Stage>();
  for (const stage of stages) {
    if (stage.parent !== undefined) used.add(stage.parent);
    for (const { instruction } of stage.steps) {
      for (const flag of instruction.flags) {
        const source = sourceOf(flag);
        const found = source === undefined ? undefined : byName.get(source.toLowerCase());
        if (found !== undefined) used.add(found);
      }
    }
    byName.set(String(stage.index), stage);
    if (stage.name !== undefined) byName.set(stage.name, stage);
  }
  return stages.filter((stage, index) => index === stages.length - 1 || !used.has(stage));
}

/** Later stages hide earlier ones of the same name. */
function namedStage(stages: readonly Stage[], name: string): Stage | undefined {
  const byName = stages.findLast((stage) => stage.name === name.toLowerCase());
  return byName ?? (/^\d{1,4}$/.test(name) ? stages[Number(name)] : undefined);
}

/** What `--from=` of a `COPY`, or `from=` of a mount, names. */
function sourceOf(flag: string): string | undefined {
  if (flag.startsWith("--from=")) return flag.slice("--from=".length);
  if (!flag.startsWith("--mount=")) return undefined;
  const option = flag
    .slice("--mount=".length)
    .split(",")
    .find((part) => part.startsWith("from="));
  return option?.slice("from=".length);
}
