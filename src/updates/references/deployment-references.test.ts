import { expect, test } from "vitest";
import { findReferences } from "./find-references.ts";
import type { ImageReference } from "./image-reference.ts";
import { sourceText } from "./placed-text.ts";

test("Argo CD and Flux set images in objects of their own", () => {
  const text = `apiVersion: argoproj.io/v1alpha1
kind: Application
spec:
  source:
    kustomize:
      images:
      - web=ghcr.io/team/web:1.2
      - ghcr.io/team/api:3
      - name-only
  sources:
  - helm: {valuesObject: {image: {repository: ghcr.io/team/db, tag: "1.10"}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
spec:
  images:
  - name: app
    newName: ghcr.io/team/app
    newTag: 2.0.1
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  values:
    image: ghcr.io/team/chart:4
`;
  expect(referencesIn(text).map(({ repository, tag }) => `${repository}:${tag}`)).toEqual([
    "ghcr.io/team/web:1.2",
    "ghcr.io/team/api:3",
    "ghcr.io/team/db:1.10",
    "ghcr.io/team/app:2.0.1",
    "ghcr.io/team/chart:4",
  ]);
});

test("a marker of Flux's image automation means that Flux updates the reference", () => {
  const text = `apiVersion: v1
kind: Pod
spec:
  containers:
  - image: ghcr.io/team/a:1 # {"$imagepolicy": "flux-system:a"}
  - image: ghcr.io/team/b:1 # {"other": 1}
`;
  expect(referencesIn(text).map(({ isManaged }) => isManaged)).toEqual([true, undefined]);
});

test("a manifest that is not valid YAML is an error, and a file of another kind is not", () => {
  const find = (text: string) => findReferences(sourceText("app.yaml", Buffer.from(text)), "yaml", () => undefined);
  expect(find("apiVersion: v1\nkind: Pod\nspec: [\n")).toHaveProperty("error");
  expect(find("a: [apiVersion\n")).toEqual({ references: [] });
});

function referencesIn(text: string): readonly ImageReference[] {
  const found = findReferences(sourceText("app.yaml", Buffer.from(text)), "yaml", () => undefined);
  if ("error" in found) throw new Error(found.error);
  return found.references;
}
