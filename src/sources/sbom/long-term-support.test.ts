import { expect, test } from "vitest";
import type { Package } from "../../model/packages/package.ts";
import { withLongTermSupport } from "./long-term-support.ts";

function nameOf(version: string, releases: readonly string[], name = `openEuler ${version}`): string {
  const packages = releases.map((release): Package => {
    return { type: "rpm", name: "a", version: `1.0-1.${release}`, purl: "", paths: [], layer: null };
  });
  return withLongTermSupport({ id: "openeuler", idLike: [], version, name }, packages).name;
}

test("the packages of openEuler tell the service pack that a document leaves out", () => {
  expect(nameOf("22.03", ["oe2203sp1", "oe2203sp1", "oe2203"])).toBe("openEuler 22.03 (LTS-SP1)");
  expect(nameOf("22.03", ["oe2203"])).toBe("openEuler 22.03 (LTS)");
  expect(nameOf("22.03", ["oe2003sp4", "el9"])).toBe("openEuler 22.03");
  expect(nameOf("23.09", ["oe2309"])).toBe("openEuler 23.09");
  expect(nameOf("22.03", ["oe2203sp1"], "openEuler 22.03 (LTS-SP4)")).toBe("openEuler 22.03 (LTS-SP4)");
});
