import type { VariableSyntax } from "./expand-placed.ts";
import type { ImageReference, ReferenceKind } from "./image-reference.ts";
import type { PlacedText, SourceText } from "./placed-text.ts";
import { YamlFinder } from "./yaml-finder.ts";
import { isMap, isScalar, isSeq, items, member, members, textOf, type YamlDocument } from "./yaml-text.ts";

type Finder = (finder: YamlFinder, root: unknown) => void;

const deepest = 100;
const dockerPrefix = "docker://";

const finders: Partial<Record<ReferenceKind, Finder>> = {
  "github-actions": githubActions,
  "gitlab-ci": gitlab,
  bitbucket,
  "azure-pipelines": azure,
  circleci,
};

/** The images in which the jobs of a CI system run. */
export function pipelineReferences(
  kind: ReferenceKind,
  source: SourceText,
  documents: readonly YamlDocument[],
): readonly ImageReference[] {
  return documents.flatMap((document) => {
    const finder = new YamlFinder(kind, document, source);
    finders[kind]?.(finder, document.root);
    return finder.found;
  });
}

/** A value that is an image, or a mapping with one. */
function addImageAt(
  finder: YamlFinder,
  value: unknown,
  {
    key = "image",
    ...details
  }: { readonly key?: string; readonly usedBy?: readonly string[]; readonly variables?: VariableSyntax } = {},
): void {
  const node = finder.resolved(value);
  const image = isMap(node) ? member(node, key) : value;
  // Expressions such as ${{ matrix.image }} have no value in the file.
  if (textOf(finder.resolved(image))?.includes("{{") !== true) finder.addImage(image, details);
}

function githubActions(finder: YamlFinder, root: unknown): void {
  for (const { key, value } of members(member(root, "jobs"))) {
    const job = finder.resolved(value);
    addImageAt(finder, member(job, "container"), { usedBy: [key] });
    for (const { key: name, value: service } of members(finder.resolved(member(job, "services")))) {
      addImageAt(finder, service, { usedBy: [name] });
    }
    for (const step of items(member(job, "steps"))) addStep(finder, step);
  }
  const runs = member(root, "runs");
  for (const step of items(member(runs, "steps"))) addStep(finder, step);
  addDocker(finder, member(runs, "image"));
}

function addStep(finder: YamlFinder, step: unknown): void {
  addDocker(finder, member(step, "uses"));
}

function addDocker(finder: YamlFinder, node: unknown): void {
  if (textOf(node)?.startsWith(dockerPrefix) === true) finder.addImage(node, { skip: dockerPrefix });
}

/** Source: https://docs.gitlab.com/ci/yaml/, `image`, `services` and `variables`. */
function gitlab(finder: YamlFinder, root: unknown): void {
  const global = variablesOf(finder, root);
  addGitlabJob(finder, root, { global });
  for (const { key, value } of members(root)) {
    if (isMap(value) && key !== "variables" && key !== "image") addGitlabJob(finder, value, { global, name: key });
  }
}

function addGitlabJob(
  finder: YamlFinder,
  job: unknown,
  { global, name }: { readonly global: ReadonlyMap<string, PlacedText>; readonly name?: string },
): void {
  const own = variablesOf(finder, job);
  const details = {
    key: "name",
    ...(name !== undefined && { usedBy: [name] }),
    variables: { hasDoubledDollar: true, lookup: (variable: string) => own.get(variable) ?? global.get(variable) },
  };
  const image = member(job, "image");
  if (image !== undefined) addImageAt(finder, image, details);
  for (const service of items(finder.resolved(member(job, "services")))) addImageAt(finder, service, details);
}

function variablesOf(finder: YamlFinder, node: unknown): ReadonlyMap<string, PlacedText> {
  const values = new Map<string, PlacedText>();
  for (const { key, value } of members(finder.resolved(member(node, "variables")))) {
    const resolved = finder.resolved(value);
    const scalar = isMap(resolved) ? member(resolved, "value") : resolved;
    if (isScalar(scalar) && textOf(scalar)?.includes("$") === false) values.set(key, finder.text.valueOf(scalar));
  }
  return values;
}

/** Source: https://support.atlassian.com/bitbucket-cloud/docs/docker-image-options/. */
function bitbucket(finder: YamlFinder, root: unknown): void {
  walkKeys(root, 0, (key, value) => {
    if (key === "image") addImageAt(finder, value, { key: "name" });
    if (key === "pipe" && textOf(value)?.startsWith(dockerPrefix) === true)
      finder.addImage(value, { skip: dockerPrefix });
  });
}

/** Source: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/resources-containers-container. */
function azure(finder: YamlFinder, root: unknown): void {
  const names = new Set<string>();
  for (const container of items(member(member(root, "resources"), "containers"))) {
    const name = textOf(member(container, "container"));
    if (name !== undefined) names.add(name);
    finder.addImage(member(container, "image"), name === undefined ? {} : { usedBy: [name] });
  }
  walkKeys(root, 0, (key, value) => {
    if (key !== "container" || names.has(textOf(value) ?? "")) return;
    const text = textOf(value) ?? textOf(member(value, "image")) ?? "";
    if (/[:/]/.test(text) && !text.includes("$")) addImageAt(finder, value);
  });
}

/** Source: https://circleci.com/docs/configuration-reference/, `docker`. */
function circleci(finder: YamlFinder, root: unknown): void {
  walkKeys(root, 0, (key, value) => {
    if (key !== "docker") return;
    for (const container of items(finder.resolved(value))) {
      const image = member(finder.resolved(container), "image");
      if (textOf(finder.resolved(image))?.includes("<<") !== true) finder.addImage(image);
    }
  });
}

/** Visits the keys of all mappings; aliases are not followed. */
function walkKeys(node: unknown, depth: number, visit: (key: string, value: unknown) => void): void {
  if (depth > deepest) return;
  if (isSeq(node)) for (const item of node.items) walkKeys(item, depth + 1, visit);
  for (const { key, value } of members(node)) {
    visit(key, value);
    walkKeys(value, depth + 1, visit);
  }
}
