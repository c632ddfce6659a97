import { PlimsollError } from "../../model/error.ts";
import { collectManifests, descriptorsOf, malformed, mostManifests } from "./collect-manifests.ts";
import { type ListedImage, listedImages, mayListImages, pickTagged } from "./docker-archive.ts";
import type { Image, ImageOptions } from "./image.ts";
import { matchesPlatform } from "./image-choice.ts";
import { configOf, ImageComparison } from "./image-comparison.ts";
import { asObject, parseDocument, readImageConfig } from "./image-config.ts";
import { type LayoutFiles, readDocument, withOwnBudget } from "./layout-files.ts";
import { ociIndexPath } from "./oci-layout.ts";

/**
 * The images that `manifest.json` of a layout names and its `index.json`, which led to `image`, does not, by a tag or
 * the path of the config: Docker loads those. With a platform only images for it. A list that cannot be read is one,
 * called `manifest.json`. Empty for a layout without such a list.
 */
export function imagesOnlyInList(
  layout: LayoutFiles,
  { image, options }: { readonly image: Image; readonly options: ImageOptions },
): readonly string[] {
  const files = withOwnBudget(layout);
  try {
    if (!mayListImages(files)) return [];
    const listed = listedImages(files);
    if (listed.length > mostManifests)
      throw malformed(files, `its manifest.json lists more than ${mostManifests} images`);
    const { reference, platform } = options;
    const references = reference === undefined ? [] : [reference, ...image.tags];
    const meant = new Set(references.flatMap((name) => pickTagged(listed, name)));
    const named = listed.filter((one) => meant.has(one));
    const indexed = Map.groupBy(imagesOfIndex(files, options), configOf);
    const comparison = new ImageComparison(files);
    const others = (named.length > 0 ? named : listed).filter((one) => {
      if (indexed.get(one.id)?.some((other) => comparison.isSame(one, other))) return false;
      return platform === undefined || isFor(platform, one, files);
    });
    return others.map(({ tags, config }) => tags[0] ?? config);
  } catch (error) {
    if (!(error instanceof PlimsollError) || error.code === "cancelled") throw error;
    return ["manifest.json"];
  }
}

function imagesOfIndex(files: LayoutFiles, options: ImageOptions): ReturnType<typeof collectManifests>["images"] {
  const bytes = readDocument(files, ociIndexPath);
  const index = bytes === undefined ? {} : asObject(parseDocument(bytes, `index.json in ${files.name}`, files));
  return collectManifests(files, descriptorsOf(index, { place: ociIndexPath, names: [] }), options).images;
}

/** True also for one that tells no platform. */
function isFor(wanted: string, { config }: ListedImage, files: LayoutFiles): boolean {
  const bytes = readDocument(files, config);
  const platform = bytes && readImageConfig(bytes, `the image config in ${files.name}`, files.parsed).platform;
  return platform === undefined || matchesPlatform(platform, wanted);
}
