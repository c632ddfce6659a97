import { composeReferences } from "./compose.ts";
import { dockerfileReferences } from "./dockerfile.ts";
import type { FileKind } from "./file-kind.ts";
import { helmReferences } from "./helm-values.ts";
import type { ImageReference } from "./image-reference.ts";
import { isKubernetesObject, kubernetesReferences } from "./kubernetes.ts";
import { kustomizeReferences } from "./kustomize.ts";
import { lineReferences } from "./line-references.ts";
import { pipelineReferences } from "./pipelines.ts";
import type { SourceText } from "./placed-text.ts";
import { type YamlDocuments, yamlDocuments } from "./yaml-text.ts";

/** The references of a file; `error` for a file of a known format that is not valid. */
export type FoundReferences = { readonly references: readonly ImageReference[] } | { readonly error: string };

/** Reads a file beside the searched one: `.env` of a Compose file, `Chart.yaml` of a chart's values. */
export type ReadBeside = (name: string) => SourceText | undefined;

const byLine: ReadonlySet<FileKind> = new Set(["jenkins", "devcontainer", "terraform", "nomad", "helm-template"]);

/** The image references of a file of this format, in order. Files with a zero byte are skipped. */
export function findReferences(source: SourceText, kind: FileKind, readBeside: ReadBeside): FoundReferences {
  if (source.text.includes("\0")) return { references: [] };
  if (kind === "dockerfile") return { references: dockerfileReferences(source) };
  if (kind === "yaml") return objectReferences(source);
  if (byLine.has(kind)) return { references: lineReferences(kind, source) };
  const read = yamlDocuments(source);
  if ("error" in read) {
    return source.text.includes("{{") ? { references: lineReferences("helm-template", source) } : read;
  }
  return { references: ofKind(kind, source, read.documents, readBeside) };
}

function ofKind(
  kind: Exclude<FileKind, "yaml">,
  source: SourceText,
  documents: Extract<YamlDocuments, { readonly documents: unknown }>["documents"],
  readBeside: ReadBeside,
): readonly ImageReference[] {
  if (kind === "compose") return composeReferences(source, documents, readBeside(".env"));
  if (kind === "helm-values") return helmReferences(source, documents, readBeside("Chart.yaml"));
  if (kind === "kustomize") return kustomizeReferences(source, documents);
  return pipelineReferences(kind, source, documents);
}

/** The images of a YAML or JSON file that holds Kubernetes objects or is a template of them. */
function objectReferences(source: SourceText): FoundReferences {
  if (!/\bapiVersion\b/.test(source.text) && !source.text.includes("{{")) return { references: [] };
  const read = yamlDocuments(source);
  if ("error" in read) {
    if (source.text.includes("{{")) return { references: lineReferences("helm-template", source) };
    return /^apiVersion:/m.test(source.text) ? read : { references: [] };
  }
  const objects = read.documents.filter(({ root }) => isKubernetesObject(root));
  return { references: kubernetesReferences(source, objects) };
}
