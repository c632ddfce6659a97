import type { ReferenceKind } from "./image-reference.ts";

/** How a file is searched; `yaml` for one that may hold Kubernetes objects. */
export type FileKind = ReferenceKind | "yaml";

// Paths with slashes, most specific first.
const kinds: readonly (readonly [pattern: RegExp, kind: FileKind])[] = [
  [/(?:^|\/)(?:Dockerfile|Containerfile)(?:[.-][^/]+)?$/i, "dockerfile"],
  [/\.(?:dockerfile|containerfile)$/i, "dockerfile"],
  [/(?:^|\/)(?:docker-)?compose(?:[.-][^/]+)?\.ya?ml$/i, "compose"],
  [/(?:^|\/)(?:\.github|\.gitea|\.forgejo)\/workflows\/[^/]+\.ya?ml$/, "github-actions"],
  [/(?:^|\/)action\.ya?ml$/, "github-actions"],
  [/\.gitlab-ci(?:\.[^/]+)?\.ya?ml$/, "gitlab-ci"],
  [/(?:^|\/)\.gitlab\/ci\/[^/]+\.ya?ml$/, "gitlab-ci"],
  [/(?:^|\/)bitbucket-pipelines\.ya?ml$/, "bitbucket"],
  [/(?:^|\/)(?:\.azure-pipelines|azure-pipelines)(?:[.-][^/]+)?\.ya?ml$/, "azure-pipelines"],
  [/(?:^|\/)\.azure-?pipelines\/[^/]+\.ya?ml$/, "azure-pipelines"],
  [/(?:^|\/)\.circleci\/[^/]+\.ya?ml$/, "circleci"],
  [/(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/, "kustomize"],
  [/(?:^|\/)values(?:[.-][^/]+)?\.ya?ml$/, "helm-values"],
  [/[.-]values\.ya?ml$/, "helm-values"],
  [/(?:^|\/)Jenkinsfile(?:[.-][^/]+)?$/, "jenkins"],
  [/(?:^|\/)\.?devcontainer\.json$/, "devcontainer"],
  [/\.(?:tf|tofu)$/, "terraform"],
  [/\.nomad(?:\.hcl)?$/, "nomad"],
  [/\.(?:ya?ml|json)$/, "yaml"],
];

/** The format of a file by its path; undefined for a file that holds no references. */
export function fileKind(path: string): FileKind | undefined {
  const slashed = path.replaceAll("\\", "/");
  if (/\.dockerignore$/i.test(slashed)) return undefined;
  return kinds.find(([pattern]) => pattern.test(slashed))?.[1];
}
