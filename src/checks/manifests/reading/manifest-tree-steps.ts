import { posix } from "node:path";
import type { Problem } from "../../../model/reports/problem.ts";
import { resolveCompose } from "../compose/resolve-compose.ts";
import { Kustomizations } from "../kustomize/render-kustomization.ts";
import type { ComposeFile, ManifestFacts, ManifestResource } from "../manifest-resource.ts";
import { readManifests } from "./read-manifests.ts";

const chartFile = /^(?:Chart|values[\w.-]*|requirements)\.ya?ml$|^values\.schema\.json$/;

/** Options of {@link manifestTreeSteps} besides files. */
export interface ManifestTreeReading {
  problem(problem: Problem): void;
  /** The folders of charts that were rendered by others, whose result is among the files. */
  readonly renderedCharts?: ReadonlySet<string>;
  /** As of Compose files: the text of the file `.env` at a path. */
  readEnvironment?(path: string): string | undefined;
}

/**
 * The resources of the files of a repository, by their paths with slashes. Files that a kustomization renders are read
 * as it patches them, all others as they stand. In a Helm chart, files with template actions are left out: that is a
 * problem unless the chart was rendered. Files of a chart without such actions are read as they stand, since a subchart
 * that is not enabled or `.helmignore` can leave them out of what is rendered. There is a step behind each file, so
 * that whoever drives it can do something else in between.
 */
export function* manifestTreeSteps(
  files: ReadonlyMap<string, Uint8Array>,
  { problem, renderedCharts = new Set(), readEnvironment }: ManifestTreeReading,
): Generator<undefined, ManifestFacts> {
  const charts = new Set(chartFolders(files.keys()));
  for (const folder of charts) {
    if (renderedCharts.has(folder) || isWithinChart(folder, charts)) continue;
    const message = "Helm templates were not rendered: render them with `helm template` and check the output";
    problem({ code: "not-examined", message, path: folder });
  }
  const kustomizations = new Kustomizations({ files, problem });
  const rendered = kustomizations.render();
  const examined = kustomizations.examinedFiles();
  const resources: ManifestResource[] = [];
  const compose: ComposeFile[] = [];
  const plainOfCharts: [path: string, bytes: Uint8Array][] = [];
  for (const [path, bytes] of files) {
    if (examined.has(path)) continue;
    if (isInChart(path, charts)) {
      if (isPlainManifest(path, bytes)) plainOfCharts.push([path, bytes]);
      continue;
    }
    const read = readManifests(bytes, { path, problem });
    for (const resource of read.resources) resources.push(resource);
    for (const file of read.compose) compose.push(file);
    yield undefined;
  }
  const known = new Set(plainOfCharts.length > 0 ? resources.map(({ object }) => JSON.stringify(object)) : []);
  for (const [path, bytes] of plainOfCharts) {
    const read = readManifests(bytes, { path, problem });
    for (const resource of read.resources) if (!known.has(JSON.stringify(resource.object))) resources.push(resource);
    yield undefined;
  }
  for (const resource of rendered) resources.push(resource);
  const resolving = {
    hasFile: (path: string) => files.has(path),
    problem,
    ...(readEnvironment && { readEnvironment }),
  };
  return { resources, compose: resolveCompose(compose, resolving) };
}

/** The folders that are Helm charts, by the paths of files. */
export function chartFolders(paths: Iterable<string>): string[] {
  return Array.from(paths)
    .filter((path) => posix.basename(path) === "Chart.yaml")
    .map((path) => posix.dirname(path));
}

/** Whether a file is part of a chart: its description, values and templates. */
function isInChart(path: string, charts: ReadonlySet<string>): boolean {
  const folders = foldersOf(path);
  return folders.some((folder, index) => {
    if (!charts.has(folder)) return false;
    const below = folders[index - 1];
    if (below !== undefined) return ["templates", "charts", "ci"].includes(posix.basename(below));
    return chartFile.test(posix.basename(path));
  });
}

/** The files of charts that have to be rendered: those with template actions. */
export function filesToRender(files: ReadonlyMap<string, Uint8Array>): string[] {
  const charts = new Set(chartFolders(files.keys()));
  if (charts.size === 0) return [];
  return Array.from(files)
    .filter(([path, bytes]) => isInChart(path, charts) && !isPlainManifest(path, bytes))
    .map(([path]) => path);
}

/** Whether a file of a chart needs no rendering: it has no template actions, and is not a file of values. */
function isPlainManifest(path: string, bytes: Uint8Array): boolean {
  return (
    !chartFile.test(posix.basename(path)) && !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes("{{")
  );
}

/** Whether a chart lies within another, which is rendered with it. */
function isWithinChart(folder: string, charts: ReadonlySet<string>): boolean {
  return foldersOf(folder).some((outer) => charts.has(outer));
}

/** The folders that a path lies in, nearest first. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let folder = posix.dirname(path); folders.at(-1) !== folder; folder = posix.dirname(folder))
    folders.push(folder);
  return folders;
}
