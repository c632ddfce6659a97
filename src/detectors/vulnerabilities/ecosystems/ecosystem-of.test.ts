import { expect, test } from "vitest";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package, PackageType } from "../../../model/packages/package.ts";
import { ecosystemOf } from "./ecosystem-of.ts";

function distribution(id: string, version?: string, name = `${id} ${version}`): Distribution {
  return { id, idLike: [], name, ...(version !== undefined && { version }) };
}

function subject(type: PackageType, more: Partial<Package> = {}): Package {
  return { type, name: "thing", version: "1.0-1", purl: "", paths: [], layer: null, ...more };
}

test.each([
  [distribution("debian", "12"), "deb", "Debian:12"],
  [{ ...distribution("debian"), codename: "trixie" }, "deb", "Debian:13"],
  [distribution("ubuntu", "22.04"), "deb", "Ubuntu:22.04:LTS"],
  [distribution("ubuntu", "22.04.3"), "deb", "Ubuntu:22.04:LTS"],
  [{ ...distribution("ubuntu"), codename: "jammy" }, "deb", "Ubuntu:22.04:LTS"],
  [{ ...distribution("alpine"), codename: "edge" }, "apk", "Alpine:edge"],
  [distribution("alpine", "edge"), "apk", "Alpine:edge"],
  [distribution("ubuntu", "23.10"), "deb", "Ubuntu:23.10"],
  [distribution("ubuntu", "23.04"), "deb", "Ubuntu:23.04"],
  [distribution("alpine", "3.19.1"), "apk", "Alpine:v3.19"],
  [distribution("alpine", "3.21.0_alpha20240807"), "apk", "Alpine:edge"],
  [distribution("almalinux", "9.3"), "rpm", "AlmaLinux:9"],
  [distribution("rocky", "8.9"), "rpm", "Rocky Linux:8"],
  [distribution("rhel", "9.4"), "rpm", "Red Hat:enterprise_linux:9"],
  [distribution("azurelinux", "3.0"), "rpm", "Azure Linux:3"],
  [distribution("opensuse-leap", "15.5"), "rpm", "openSUSE:Leap 15.5"],
  [distribution("sles", "15.5"), "rpm", "SUSE:Linux Enterprise Server 15 SP5"],
  [distribution("openeuler", "22.03", "openEuler 22.03 (LTS-SP4)"), "rpm", "openEuler:22.03-LTS-SP4"],
  [distribution("wolfi", "20230201"), "apk", "Wolfi"],
  [distribution("chainguard", "20230214"), "apk", "Chainguard"],
  [distribution("alpaquita", "23"), "apk", "Alpaquita:23"],
  [distribution("alpaquita", "stream"), "apk", "Alpaquita:stream"],
  [{ ...distribution("alpaquita"), codename: "stream" }, "apk", "Alpaquita:stream"],
  [
    { ...distribution("bellsoft-hardened-containers"), codename: "stream" },
    "apk",
    "BellSoft Hardened Containers:stream",
  ],
  [distribution("debian", "12.5"), "deb", "Debian:12"],
  [distribution("rhel", "10.1"), "rpm", "Red Hat:enterprise_linux:10"],
  [distribution("sles", "15"), "rpm", "SUSE:Linux Enterprise Server 15"],
  [distribution("sles", "16.0"), "rpm", "SUSE:Linux Enterprise Server 16.0"],
  [distribution("opensuse-tumbleweed", "20240101"), "rpm", "openSUSE:Tumbleweed"],
  [distribution("mariner", "2.0.20240101"), "rpm", "Azure Linux:2"],
  [distribution("opensuse-microos", "20240601"), "rpm", "openSUSE:Tumbleweed"],
  [distribution("amzn", "2"), "rpm", "Amazon Linux:2"],
  [distribution("amzn", "2018.03"), "rpm", "Amazon Linux:1"],
  [distribution("amzn", "2023.3.20240108"), "rpm", "Amazon Linux:2023"],
  [distribution("ol", "8.9"), "rpm", "Oracle Linux:8"],
  [distribution("photon", "4.0"), "rpm", "Photon OS:4.0"],
  [distribution("centos", "7", "CentOS Linux 7 (Core)"), "rpm", "Red Hat:enterprise_linux:7"],
  [distribution("redhat", "7.7"), "rpm", "Red Hat:enterprise_linux:7"],
  [distribution("oraclelinux", "9"), "rpm", "Oracle Linux:9"],
] as const)("%j has the %s ecosystem %s", (of, type, ecosystem) => {
  expect(ecosystemOf(subject(type), of)).toMatchObject({ ecosystem });
});

test.each([
  ["npm", "npm"],
  ["pypi", "PyPI"],
  ["golang", "Go"],
  ["maven", "Maven"],
  ["cargo", "crates.io"],
  ["cocoapods", "CocoaPods"],
  ["julia", "Julia"],
  ["k8s", "Kubernetes"],
  ["opam", "opam"],
  ["vscode-extension", "VSCode"],
] as const)("packages of type %s are of %s in any distribution", (type, ecosystem) => {
  expect(ecosystemOf(subject(type), null)).toMatchObject({ ecosystem });
});

test("a distribution that is unknown, unreleased or without advisories is a gap, not an ecosystem", () => {
  expect(ecosystemOf(subject("deb"), null)).toMatchObject({ code: "unknown-distribution" });
  expect(ecosystemOf(subject("deb"), distribution("debian"))).toMatchObject({ code: "unknown-distribution" });
  expect(ecosystemOf(subject("deb"), distribution("linuxmint", "21"))).toMatchObject({ code: "no-advisories" });
  expect(ecosystemOf(subject("rpm"), distribution("centos", "9", "CentOS Stream 9"))).toMatchObject({
    code: "no-advisories",
  });
  // As package URLs and most SBOMs name it.
  expect(ecosystemOf(subject("rpm"), distribution("centos", "9"))).toMatchObject({ code: "no-advisories" });
  expect(ecosystemOf(subject("rpm"), distribution("opensuse-slowroll", "20240601"))).toMatchObject({
    code: "no-advisories",
  });
  expect(ecosystemOf(subject("deb"), distribution("constructor", "1"))).toMatchObject({ code: "no-advisories" });
  expect(ecosystemOf(subject("conda"), null)).toMatchObject({ code: "no-advisories" });
});

test("packages of another package manager than the distribution's own are a gap: whose they are is not known", () => {
  expect(ecosystemOf(subject("rpm"), distribution("debian", "12"))).toEqual({
    code: "unknown-distribution",
    unknown: "the rpm packages are from a distribution other than debian 12, which is unknown",
  });
  expect(ecosystemOf(subject("deb"), distribution("wolfi"))).toMatchObject({ code: "unknown-distribution" });
  expect(ecosystemOf(subject("apk"), distribution("rhel", "9.4"))).toMatchObject({ code: "unknown-distribution" });
});

test("a signed kernel is looked up by the source of the kernel, of which advisories speak", () => {
  const signed = { name: "linux-signed-amd64", version: "6.1.192+2" };
  const kernel = subject("deb", { name: "linux-image-6.1.0-56-amd64", version: "6.1.192-2", source: signed });
  expect(ecosystemOf(kernel, distribution("debian", "12"))).toMatchObject({
    lookUps: [{ name: "linux", version: "6.1.192-2", matchedBy: "source-package", kind: "source" }],
  });
});

test("deb and apk packages are looked up by source name and source version", () => {
  const found = subject("deb", { name: "libssl3", source: { name: "openssl", version: "3.0.1-2" } });
  expect(ecosystemOf(found, distribution("debian", "12"))).toMatchObject({
    lookUps: [{ name: "openssl", version: "3.0.1-2", matchedBy: "source-package", kind: "source" }],
  });
});

test("rpm packages are looked up as their distribution names them, and a source inherits the epoch", () => {
  const found = subject("rpm", {
    name: "openssl-libs",
    version: "1:3.0.7-1.el9",
    source: { name: "openssl", version: "3.0.7-1.el9" },
  });
  const own = { name: "openssl-libs", version: "1:3.0.7-1.el9", matchedBy: "package", kind: "binary" };
  const source = { name: "openssl", version: "1:3.0.7-1.el9", matchedBy: "source-package", kind: "source" };
  expect(ecosystemOf(found, distribution("almalinux", "9.3"))).toMatchObject({ lookUps: [own] });
  expect(ecosystemOf(found, distribution("rocky", "9.3"))).toMatchObject({ lookUps: [source, own] });
  expect(ecosystemOf(found, distribution("opensuse-leap", "15.5"))).toEqual({
    ecosystem: "openSUSE:Leap 15.5",
    lookUps: [source, own],
  });
  expect(ecosystemOf(found, distribution("rhel", "9.3"))).toMatchObject({ lookUps: [source, own], unmarked: "binary" });
});

test("a language package that a distribution's package owns is suppressed with the reason", () => {
  const owned = subject("pypi", { ownedBy: { type: "deb", name: "python3-requests" } });
  expect(ecosystemOf(owned, null)).toEqual({
    suppressed: "its files belong to the deb package python3-requests, whose own advisories count",
  });
});

test("the Go standard library is looked up without the prefix of its version, the toolchain not at all", () => {
  expect(ecosystemOf(subject("golang", { name: "stdlib", version: "go1.21.3" }), null)).toMatchObject({
    lookUps: [{ name: "stdlib", version: "1.21.3" }],
  });
  expect(ecosystemOf(subject("golang", { name: "std", version: "v1.21.3" }), null)).toMatchObject({
    lookUps: [{ name: "stdlib", version: "1.21.3" }],
  });
  expect(ecosystemOf(subject("golang", { name: "toolchain" }), null)).toHaveProperty("suppressed");
});

test.each(["go1.21.3", "go1.21.3 X:boringcrypto", "go1.21.3-1 X:systemcrypto", "v1.21.3", "1.21.3 (Red Hat 1.21.3-1)"])(
  "the Go standard library of %s is that of 1.21.3",
  (version) => {
    expect(ecosystemOf(subject("golang", { name: "stdlib", version }), null)).toMatchObject({
      lookUps: [{ version: "1.21.3" }],
    });
  },
);

test.each([
  ["node", "20.1.0", "node", "20.1.0"],
  ["openjdk", "1.8.0_352-b08", "java", "8.0.352"],
  ["openjdk", "21.0.2+13-LTS", "java", "21.0.2+13-LTS"],
  ["ruby", "2.7.8p225", "ruby", "2.7.8"],
  ["python", "3.12.1+", "python", "3.12.1"],
  ["python", "3.12.0rc1", "python", "3.12.0-rc1"],
  ["postgresql", "15beta4", "postgresql", "15-beta4"],
])("the program %s %s has the records of Bitnami's component", (name, version, component, there) => {
  const where = ecosystemOf(subject("generic", { name, version }), null);
  const lookUps = [{ name: component, version: there, matchedBy: "package" }];
  expect(where).toEqual({ ecosystem: "Bitnami", lookUps });
});

test("a program that Bitnami does not pack has no ecosystem", () => {
  expect(ecosystemOf(subject("generic", { name: "busybox" }), null)).toMatchObject({ code: "no-advisories" });
});
