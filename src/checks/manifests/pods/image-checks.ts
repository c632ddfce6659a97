import { type ImageReference, parseReference } from "../../../model/packages/reference.ts";
import type { Check } from "../../check.ts";
import { cis, cwe, mitre, nsa } from "../../mappings.ts";
import { textAt } from "../kustomize/json-path.ts";
import { containerCheck, type ManifestPlace } from "../manifest-check.ts";
import type { ManifestFacts } from "../manifest-resource.ts";
import { isPinned } from "./is-pinned.ts";
import type { PodContainer } from "./pod-template.ts";

// Frozen since April 2023: it gets no new images.
const formerRegistries: ReadonlySet<string> = new Set(["k8s.gcr.io", "gcr.io/google_containers"]);

/** Which images containers run. */
export const imageChecks: readonly Check<ManifestFacts>[] = [
  imageCheck(
    {
      id: "manifests/image-latest",
      title: { pass: "Image has a version tag", fail: "Image has no version tag" },
      severity: "medium",
      why: "The content of latest changes over time: the running version is unknown, and a rollback is not possible.",
      remediation: "Use a version tag, preferably with the digest.",
      mappings: [cis("5.5.1"), nsa("Pod security"), mitre("T1525"), cwe("829")],
    },
    ({ tag, digest }) => digest === undefined && (tag === undefined || tag === "latest"),
  ),
  containerCheck(
    {
      id: "manifests/image-digest",
      title: { pass: "Image is pinned by digest", fail: "Image is not pinned by digest" },
      severity: "low",
      why: "Everyone who can push to the repository can move a tag to another image; a digest always identifies the same image.",
      remediation: "Add @sha256:… to the image. `plimsoll ps` shows the digests of running images.",
      mappings: [cis("5.5.1"), nsa("Pod security"), mitre("T1525"), cwe("494")],
    },
    ({ path, spec }) => {
      const image = textAt(spec, "image") ?? "";
      return image === "" || isPinned(image) ? [] : [{ path: [...path, "image"] }];
    },
  ),
  containerCheck(
    {
      id: "manifests/image-pull-policy",
      title: { pass: "Image is pulled at every start", fail: "Image is not pulled at every start" },
      severity: "low",
      why: "Any pod can use an image that is already on the node, even without permission to pull it.",
      remediation: "Set imagePullPolicy to Always.",
      mappings: [cis("1.2.11"), cwe("862")],
    },
    (container) => {
      const policy = container.spec["imagePullPolicy"];
      if (policy === "Always") return [];
      const image = imageOf(container);
      const isLatest = image !== undefined && image.digest === undefined && (image.tag ?? "latest") === "latest";
      // That is the default for the tag latest; and an image that is named by digest is the same everywhere.
      const isPinned = (textAt(container.spec, "image") ?? "").includes("@sha256:");
      if (policy === undefined && (isLatest || isPinned)) return [];
      const path = [...container.path, "imagePullPolicy"];
      return [{ path, expected: "Always" }, ...(image ? [{ path: [...container.path, "image"] }] : [])];
    },
  ),
  imageCheck(
    {
      id: "manifests/image-former-registry",
      title: {
        pass: "Image does not come from a discontinued registry",
        fail: "Image comes from a discontinued registry",
      },
      severity: "medium",
      why: "A discontinued registry gets no new images, so there are no security fixes.",
      remediation: "Use the image from registry.k8s.io.",
      mappings: [cwe("1104")],
    },
    ({ registry, repository }) =>
      formerRegistries.has(registry) || formerRegistries.has(`${registry}/${repository.split("/")[0]}`),
  ),
  containerCheck(
    {
      id: "manifests/image-missing",
      title: { pass: "Container has an image", fail: "Container has no image" },
      severity: "low",
      why: "Without an image in the manifest, the check cannot cover what runs.",
      remediation: "Set the image, with its digest.",
      mappings: [cis("5.5.1")],
    },
    ({ path, spec }) => ((textAt(spec, "image") ?? "") === "" ? [{ path: [...path, "image"] }] : []),
  ),
];

function imageCheck(
  description: Parameters<typeof containerCheck>[0],
  isBad: (image: ImageReference) => boolean,
): Check<ManifestFacts> {
  return containerCheck(description, (container): ManifestPlace[] => {
    const image = imageOf(container);
    return image && isBad(image) ? [{ path: [...container.path, "image"] }] : [];
  });
}

/** The image of a container; undefined when there is none, or it is not a name of an image. */
function imageOf({ spec }: PodContainer): ImageReference | undefined {
  const image = textAt(spec, "image");
  return image === undefined || image === "" ? undefined : parseReference(image);
}
