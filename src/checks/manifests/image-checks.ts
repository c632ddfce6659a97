import { type ImageReference, parseReference } from "../../model/reference.ts";
import type { Check } from "../check.ts";
import { cis, cwe, mitre, nsa } from "../mappings.ts";
import { isPinned } from "./is-pinned.ts";
import { textAt } from "./json-path.ts";
import { containerCheck, type ManifestPlace } from "./manifest-check.ts";
import type { ManifestFacts } from "./manifest-resource.ts";
import type { PodContainer } from "./pod-template.ts";

// Frozen since April 2023: it gets no new images.
const formerRegistries: ReadonlySet<string> = new Set(["k8s.gcr.io", "gcr.io/google_containers"]);

/** Which images containers run. */
export const imageChecks: readonly Check<ManifestFacts>[] = [
  imageCheck(
    {
      id: "manifests/image-latest",
      title: "Images are named with a version",
      severity: "medium",
      why: "The tag latest, or none, is another image tomorrow: nobody knows what runs, and going back is impossible.",
      remediation: "Name a tag that stands for a version, and better the digest as well.",
      mappings: [cis("5.5.1"), nsa("Pod security"), mitre("T1525"), cwe("829")],
    },
    ({ tag, digest }) => digest === undefined && (tag === undefined || tag === "latest"),
  ),
  containerCheck(
    {
      id: "manifests/image-digest",
      title: "Images are named by digest",
      severity: "low",
      why: "A tag can be moved to another image by whoever may push to the repository; a digest is the image.",
      remediation: "Add @sha256:… to the image, as `plimsoll ps` tells it for what runs.",
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
      title: "Images are asked for at every start",
      severity: "low",
      why: "An image that lies on a node is used by every pod there, also by one that may not pull it.",
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
      title: "No image is from a registry that was given up",
      severity: "medium",
      why: "The registry gets no new images, so what comes from there gets no fixes either.",
      remediation: "Take the image from registry.k8s.io.",
      mappings: [cwe("1104")],
    },
    ({ registry, repository }) =>
      formerRegistries.has(registry) || formerRegistries.has(`${registry}/${repository.split("/")[0]}`),
  ),
  containerCheck(
    {
      id: "manifests/image-missing",
      title: "Every container names an image",
      severity: "low",
      why: "What runs is then decided elsewhere, where no check sees it.",
      remediation: "Name the image, with its digest.",
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
