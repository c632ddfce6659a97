import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { cycloneDxValidator } from "../conformance/cyclonedx-schema.ts";
import { describeWithCorpus } from "../setup/corpus.ts";
import { startPlimsoll } from "./run-plimsoll.ts";
import { npmLayer, writeBucket, writeImage } from "./small-targets.ts";

const plimsoll = startPlimsoll();
const { folder } = plimsoll;

describeWithCorpus("the SBOM of an image", () => {
  test("is valid CycloneDX 1.6", async () => {
    writeImage(folder, "image.tar", [npmLayer("@scope/leaky", "1.5.0"), npmLayer("fine", "1.0.0-rc.1+build")]);
    const { code, stdout, stderr } = await plimsoll(["sbom", "image.tar", "--format", "cyclonedx"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const sbom = JSON.parse(stdout) as { specVersion: string; components: { purl: string }[] };
    expect(sbom.specVersion).toBe("1.6");
    expect(cycloneDxValidator("1.6")(sbom)).toEqual([]);
    expect(sbom.components.map(({ purl }) => purl)).toEqual(
      expect.arrayContaining(["pkg:npm/%40scope/leaky@1.5.0", "pkg:npm/fine@1.0.0-rc.1%2Bbuild"]),
    );
  });
});

test("a scan of an SBOM finds what a scan of the image finds", async () => {
  writeImage(folder, "leaky.tar", [npmLayer("leaky", "1.5.0"), npmLayer("odd", "1.0.0")]);
  await plimsoll(["db", "build", "--from", writeBucket(folder)]);
  writeFileSync(join(folder, "leaky.cdx.json"), (await plimsoll(["sbom", "leaky.tar"])).stdout);
  const found = async (target: string): Promise<string[]> => {
    const { stdout } = await plimsoll(["scan", target, "--format", "json"]);
    return (JSON.parse(stdout) as Report).findings.map(({ id, package: { purl } }) => `${id} ${purl}`);
  };
  expect(await found("leaky.tar")).toHaveLength(2);
  expect(await found("leaky.cdx.json")).toEqual(await found("leaky.tar"));
});

test("an SBOM of a target that could not be read in full says so and ends with 3", async () => {
  writeImage(folder, "broken.tar", [npmLayer("fine", "1.0.0"), { bytes: Buffer.alloc(1024, "x") }]);
  const { code, stdout, stderr } = await plimsoll(["sbom", "broken.tar"]);
  expect(stdout).toContain("pkg:npm/fine@1.0.0");
  expect(stderr).toMatch(/^error: incomplete: layer 2 of 2: .+\n$/);
  expect(code).toBe(3);
});
