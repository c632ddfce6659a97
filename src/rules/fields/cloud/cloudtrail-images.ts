import type { ByteString } from "../../../model/events/kernel-event.ts";
import { valueAt } from "../json/json-value.ts";
import { arrayAt, textAt } from "./cloud-rows.ts";

/** Where a request names the one image that it is about. */
const placesInRequest: readonly (readonly string[])[] = [
  ["imageId"],
  ["DescribeFastLaunchImagesRequest", "ImageId", "content"],
  ["launchSpecification", "imageId"],
];

/**
 * The images of the instances that a response lists, or the one that the request names; with `index`, digits, only that
 * one.
 */
export function imagesOf(record: unknown, index?: string): readonly ByteString[] {
  if (valueAt(record, ["responseElements", "instancesSet", "items"]) === undefined) {
    if (index !== undefined && index !== "0") return [];
    const found = placesInRequest.map((place) => textAt(record, "requestParameters", ...place));
    return found.filter((image) => image !== undefined).slice(0, 1);
  }
  const items = arrayAt(record, "responseElements", "instancesSet", "items");
  const wanted = index === undefined ? items : [items[Number(index)]];
  return wanted
    .map((item) => textAt(item, "imageId"))
    .filter((image) => image !== undefined)
    .filter((image) => image !== "");
}

/** The name that a request gives to instances by the tag `Name`. */
export function instanceNameOf(record: unknown): ByteString | undefined {
  let name: ByteString | undefined;
  for (const item of arrayAt(record, "requestParameters", "tagSpecificationSet", "items")) {
    if (textAt(item, "resourceType") !== "instance") continue;
    const tag = arrayAt(item, "tags").find((candidate) => textAt(candidate, "key") === "Name");
    if (tag !== undefined) name = textAt(tag, "value");
  }
  return name === "" ? undefined : name;
}
