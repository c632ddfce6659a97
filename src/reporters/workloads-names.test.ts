import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, renderLine } from "./terminal-text.ts";
import { shortDigest, shortName, wholeWords, withShortDigests } from "./workloads-names.ts";

const digits = "0123456789abcdef".repeat(4);

test("a short digest is what engines show", () => {
  expect(shortDigest(`sha256:${digits}`)).toBe("sha256:0123456789ab");
  expect(shortDigest("sha256:0123")).toBe("sha256:0123");
  expect(shortDigest("latest")).toBe("latest");
  expect(withShortDigests(`a@sha256:${digits}, (sha512:${digits}${digits}) and sha256:01`)).toBe(
    "a@sha256:0123456789ab, (sha512:0123456789ab) and sha256:01",
  );
});

describe("a name that is too long", () => {
  test.each([
    ["ghcr.io/acme/api:1.4", 30, "ghcr.io/acme/api:1.4"],
    [`ghcr.io/acme/api:1.4@sha256:${digits}`, 60, "ghcr.io/acme/api:1.4@sha256:0123456789ab"],
    [`ghcr.io/acme/api:1.4@sha256:${digits}`, 36, "ghcr.io…/api:1.4@sha256:0123456789ab"],
    [
      "602401143452.dkr.ecr.us-west-2.amazonaws.com/amazon-k8s-cni:v1.19.2-eksbuild.5",
      47,
      "602401143452…/amazon-k8s-cni:v1.19.2-eksbuild.5",
    ],
    ["registry.example.com/a/very/long/path/to/an/image:1", 30, "registry.…g/path/to/an/image:1"],
    ["shop/deployment/a-name-that-has-more-room-than-there-is", 24, "shop/de…om-than-there-is"],
  ])("keeps its ends: %s in %i columns", (name, width, short) => {
    expect(shortName(name, width)).toBe(short);
  });

  test("fits, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 120 }), fc.integer({ min: 16, max: 100 }), (name, width) => {
        expect(displayWidth(shortName(name, width))).toBeLessThanOrEqual(width);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});

test("words are never broken, and one that is longer than a line has its own", () => {
  const word = "plimsoll-".repeat(10);
  const text = `for example: ${word} --platform PLATFORM of the image, and then some more words`;
  const lines = [...wholeWords({ text: "Unlisted", style: "bold" }, text, { columns: 60 })].map((line) =>
    renderLine(line, { width: Number.POSITIVE_INFINITY, colour: false }),
  );
  expect(lines).toEqual([
    "Unlisted    for example:\n",
    `            ${word}\n`,
    "            --platform PLATFORM of the image, and then some\n",
    "            more words\n",
  ]);
});
