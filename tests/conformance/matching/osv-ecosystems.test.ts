import { expect, test } from "vitest";
import { ecosystemOf } from "../../../src/detectors/vulnerabilities/ecosystems/ecosystem-of.ts";
import type { Distribution } from "../../../src/model/packages/distribution.ts";
import type { Package } from "../../../src/model/packages/package.ts";
import { ecosystemBase } from "../../../src/model/packages/package-name.ts";
import { isPackageType } from "../../../src/model/packages/package-type.ts";
import { feedOfEcosystem } from "../../../src/pipeline/database/choose-feeds.ts";
import { ecosystemsWithOrder, schemeOf } from "../../../src/versions/ecosystems.ts";
import { ecosystemGaps } from "../../../tools/development/ecosystem-gaps.ts";
import { corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

interface Schema {
  readonly $defs: { readonly ecosystemName: { readonly enum: readonly string[] } };
}

interface ReportSchema {
  readonly $defs: { readonly packageType: { readonly enum: readonly string[] } };
}

const distributions: readonly (readonly [id: string, version: string, type: string])[] = [
  ["almalinux", "9", "rpm"],
  ["alpaquita", "23", "apk"],
  ["alpine", "3.19", "apk"],
  ["amzn", "2", "rpm"],
  ["azurelinux", "3.0", "rpm"],
  ["bellsoft-hardened-containers", "25", "apk"],
  ["chainguard", "1", "apk"],
  ["cleanstart", "1", "apk"],
  ["debian", "12", "deb"],
  ["echo", "1", "deb"],
  ["mageia", "9", "rpm"],
  ["minimos", "1", "apk"],
  ["ol", "9", "rpm"],
  ["openeuler", "24.03", "rpm"],
  ["opensuse-leap", "15.6", "rpm"],
  ["photon", "5.0", "rpm"],
  ["rhel", "9", "rpm"],
  ["rocky", "9", "rpm"],
  ["sles", "15.6", "rpm"],
  ["ubuntu", "24.04", "deb"],
  ["wolfi", "1", "apk"],
];

/** The ecosystem in which a package's advisories are looked for, without its release. */
function ecosystemOfPackage(type: string, distribution: Distribution | null): string[] {
  if (!isPackageType(type)) throw new Error(`${type} is no type of package`);
  const subject: Package = { type, name: "thing", version: "1.0", purl: "", paths: [], layer: null };
  const where = ecosystemOf(subject, distribution);
  return "ecosystem" in where ? [ecosystemBase(where.ecosystem)] : [];
}

describeWithCorpus("the ecosystems of the OSV schema", () => {
  const { enum: names } = corpusJson<Schema>("feeds/osv-schema/schema.json").$defs.ecosystemName;

  test("each has an order, a feed and packages that are looked up in it, or is listed with the reason", async () => {
    const { default: report } = (await import("../../../docs/report.schema.json", { with: { type: "json" } })) as {
      readonly default: ReportSchema;
    };
    const reached = new Set([
      ...report.$defs.packageType.enum.flatMap((type) => ecosystemOfPackage(type, null)),
      ...distributions.flatMap(([id, version, type]) =>
        ecosystemOfPackage(type, { id, idLike: [], version, name: `${id} ${version}` }),
      ),
    ]);
    const rows = names.map((name) => ({
      name,
      order: schemeOf(name)?.id,
      feed: feedOfEcosystem(name)?.feed.id,
      reached: reached.has(name),
    }));
    const missing = rows.filter((row) => row.order === undefined || row.feed === undefined || !row.reached);
    console.log(
      rows.map(({ name, order, feed }) => `${name}: ${order ?? "no order"}, ${feed ?? "no feed"}`).join("\n"),
    );
    expect(missing.map(({ name }) => name).sort()).toEqual(Object.keys(ecosystemGaps).sort());
    expect(names.length).toBe(48);
  });

  test("those that are known beside the schema's are Plimsoll's own names for what OSV lacks", () => {
    expect(ecosystemsWithOrder.filter((name) => !names.includes(name))).toEqual([
      ...["Amazon Linux", "Arch Linux", "CocoaPods", "Fedora", "Gentoo", "Oracle Linux"],
    ]);
  });
});
