import { headerBlob, sqliteDatabase } from "../../src/extractors/os/rpm/rpm-fixtures.ts";
import { dockerLayout, layoutTar } from "../../tests/setup/image.ts";
import type { TarMember } from "../../tests/setup/tar.ts";
import type { SampledPackage, SampleOptions } from "./sample-packages.ts";

/** A target that both programs read. */
export interface AgreementTarget {
  /** The ecosystem with its release, and the kind of target. */
  readonly title: string;
  /** As records write it: `AlmaLinux:8`. */
  readonly ecosystem: string;
  readonly sample: SampleOptions;
  /** The name of its file. */
  readonly file: string;
  readonly content: (packages: readonly SampledPackage[]) => string | Uint8Array;
  /** How osv-scanner is asked to read a file. */
  readonly peerArguments: (file: string) => readonly string[];
}

/** Documents and images of every ecosystem whose packages both programs can read and of which there are records. */
export const agreementTargets: readonly AgreementTarget[] = [
  document("Go", { type: "golang", most: 1000 }),
  document("Go", { type: "golang", most: 1000, named: "stdlib" }),
  document("PyPI", { type: "pypi", most: 2500 }),
  document("crates.io", { type: "cargo", most: 2500 }),
  image("PyPI", { file: "pypi.tar", packages: 300, members: distInfo }),
  image("AlmaLinux:8", { file: "almalinux-8.tar", packages: 300, members: almaLinux("8.10") }),
  image("AlmaLinux:9", { file: "almalinux-9.tar", packages: 300, members: almaLinux("9.4") }),
  image("Alpaquita:23", { file: "alpaquita-23.tar", members: apk("alpaquita", "23") }),
  image("Alpaquita:stream", { file: "alpaquita-stream.tar", members: apk("alpaquita", "stream") }),
  image("BellSoft Hardened Containers:25", {
    file: "bellsoft-25.tar",
    members: apk("bellsoft-hardened-containers", "25"),
  }),
];

function document(ecosystem: string, { type, ...sample }: SampleOptions & { readonly type: string }): AgreementTarget {
  const { named } = sample;
  return {
    title: `${ecosystem}, CycloneDX document${named === undefined ? "" : ` of ${named}`}`,
    ecosystem,
    sample,
    file: `${named ?? type}.cdx.json`,
    content: (packages) => JSON.stringify(cycloneDx(packages, type)),
    peerArguments: (file) => ["scan", "source", "-L", file],
  };
}

function cycloneDx(packages: readonly SampledPackage[], type: string): unknown {
  const components = packages.map(({ name, version }, index) => {
    const path = name.split("/").map(encodeURIComponent).join("/");
    const purl = `pkg:${type}/${path}@${encodeURIComponent(version)}`;
    return { type: "library", "bom-ref": `component-${index}`, name, version, purl };
  });
  return { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, components };
}

type Members = (packages: readonly SampledPackage[]) => readonly TarMember[];

function image(
  ecosystem: string,
  { file, members, packages = 400 }: { file: string; members: Members; packages?: number },
): AgreementTarget {
  return {
    title: `${ecosystem}, image`,
    ecosystem,
    sample: { most: packages },
    file,
    content: (sampled) => layoutTar(dockerLayout([{ tags: ["agreement:1"], layers: [{ members: members(sampled) }] }])),
    // Its reader of rpm databases is there but not among those that are on by default.
    peerArguments: (path) => ["scan", "image", "--archive", path, "--experimental-plugins=os/rpm"],
  };
}

function distInfo(packages: readonly SampledPackage[]): readonly TarMember[] {
  return packages.map(({ name, version }) => ({
    name: `usr/lib/python3/site-packages/${name.replaceAll("-", "_")}-${version}.dist-info/METADATA`,
    content: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  }));
}

/** Packages installed at several versions, which both programs take as it stands. */
function almaLinux(release: string): Members {
  return (packages) => [
    { name: "etc/os-release", content: `ID="almalinux"\nVERSION_ID="${release}"\nNAME="AlmaLinux"\n` },
    { name: "var/lib/rpm/rpmdb.sqlite", content: sqliteDatabase(packages.map(rpmHeader), 4096) },
  ];
}

function rpmHeader({ name, version: text, module }: SampledPackage): Uint8Array {
  const [, epoch = "0", version = "", release = ""] = /^(?:(\d+):)?([^-]*)-(.*)$/.exec(text) ?? [];
  return headerBlob([
    [rpmTag.name, name],
    [rpmTag.version, version],
    [rpmTag.release, release],
    [rpmTag.epoch, Number(epoch)],
    [rpmTag.vendor, "AlmaLinux"],
    [rpmTag.architecture, "x86_64"],
    [rpmTag.source, `${name}-${version}-${release}.src.rpm`],
    ...(module ? [[rpmTag.modularityLabel, `${module}:8000020240101000000:abcdef12:x86_64`] as const] : []),
  ]);
}

/** rpm lib/rpmtag.h. */
const rpmTag = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  architecture: 1022,
  source: 1044,
  modularityLabel: 5096,
};

function apk(id: string, release: string): Members {
  return (packages) => [
    { name: "etc/os-release", content: `ID=${id}\nVERSION_ID=${release}\nNAME="BellSoft"\n` },
    { name: "lib/apk/db/installed", content: packages.map(apkRecord).join("\n") },
  ];
}

function apkRecord({ name, version }: SampledPackage): string {
  return `P:${name}\nV:${version}\nA:x86_64\no:${name}\n`;
}
