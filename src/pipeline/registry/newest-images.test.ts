import { expect, test } from "vitest";
import { type ImageDate, newestImages, type TaggedImage } from "./newest-images.ts";

function image(...tags: string[]): TaggedImage {
  return { registry: "r.example", repository: "app", digest: `sha256:${tags.join()}`, tags };
}

async function newest(dates: Readonly<Record<string, ImageDate>>, count: number): Promise<string[]> {
  const images = Object.keys(dates).map((tag) => image(tag));
  const dateOf = async ({ tags }: TaggedImage): Promise<ImageDate> => dates[tags[0] ?? ""] ?? null;
  return (await newestImages(images, { newest: count, dateOf, atOnce: 2 })).map(({ tags }) => tags[0] ?? "");
}

test("the newest are those with the latest dates", async () => {
  const dates = { a: "2024-01-01T00:00:00Z", b: "2026-01-01T00:00:00Z", c: "2025-01-01T00:00:00+02:00" };
  expect(await newest(dates, 2)).toEqual(["b", "c"]);
});

test("where dates are missing or made up the natural order of tags counts", async () => {
  const epoch = "1970-01-01T00:00:00Z";
  expect(await newest({ v9: epoch, v10: null, v11: "1980-01-01T00:00:01Z", v1: null }, 2)).toEqual(["v11", "v10"]);
  expect(await newest({ v9: "2020-01-01T00:00:00Z", v10: null, v2: null }, 2)).toEqual(["v9", "v10"]);
});

test("what cannot be read and what is not an image takes nobody's place", async () => {
  const dates = { a: "2024-01-01T00:00:00Z", b: "unreadable", c: "2025-01-01T00:00:00Z", d: "artifact" } as const;
  expect(await newest(dates, 1)).toEqual(["c", "b", "d"]);
});

test("nothing is asked for when there are no more than are wanted", async () => {
  const images = [image("a"), image("b")];
  const dateOf = (): Promise<ImageDate> => Promise.reject(new Error("asked"));
  expect(await newestImages(images, { newest: 2, dateOf, atOnce: 2 })).toEqual(images);
});
