import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, renderLine } from "./terminal-text.ts";
import { distinctNames, shortDigest, shortName, wholeWords, withShortDigests } from "./workloads-names.ts";

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

describe("names of which several are too long", () => {
  const named = (middle: string): string => `registry.example.com/acme/${middle}/component-backend:2026.11.29-build.1`;

  test("are whole where they would be the same, and only there", () => {
    const names = [
      named("service-0"),
      named("service-1"),
      "quay.io/another/long/path/to/some/image:2026.11.29-build.1",
    ];
    const short = distinctNames(names);
    expect(names.map((name) => short(name, 45))).toEqual([
      named("service-0"),
      named("service-1"),
      "quay.io/anothe…/some/image:2026.11.29-build.1",
    ]);
    // With more room, what tells them apart is shown.
    expect(short(named("service-0"), 60)).toBe("registry.example.co…e-0/component-backend:2026.11.29-build.1");
    expect(distinctNames([named("service-0"), named("service-0")])(named("service-0"), 45)).toBe(
      shortName(named("service-0"), 45),
    );
    expect(short("ghcr.io/acme/api:1.4", 45)).toBe("ghcr.io/acme/api:1.4");
  });

  test("keep digests that differ only at their ends", () => {
    const names = ["1", "2"].map((end) => `app@sha256:${digits.slice(1)}${end}`);
    expect(names.map((name) => distinctNames(names)(name, 40))).toEqual(names);
  });

  test("are never the same as another, whatever they are", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", "/", "語"), maxLength: 30 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.integer({ min: 16, max: 40 }), (parts, width) => {
        const names = new Set(parts.map((middle) => `registry/${middle}/image:1`));
        const short = distinctNames(names);
        expect(new Set([...names].map((name) => short(name, width))).size).toBe(names.size);
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
