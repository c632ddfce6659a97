import { expect, test } from "vitest";
import {
  belongsToOtherVendor,
  isDebugPackage,
  redHatPackage,
  redHatPackageOfName,
  redHatPlace,
} from "./red-hat-product.ts";

test.each([
  ["cpe:/o:redhat:enterprise_linux:9::baseos", { ecosystem: "Red Hat:enterprise_linux:9::baseos" }],
  ["cpe:/o:redhat:enterprise_linux:10.1", { ecosystem: "Red Hat:enterprise_linux:10.1" }],
  ["cpe:/a:redhat:rhel_eus:9.4::appstream", { ecosystem: "Red Hat:rhel_eus:9.4::appstream", channel: "eus" }],
  ["cpe:/o:redhat:rhel_aus:8.2::baseos", { ecosystem: "Red Hat:rhel_aus:8.2::baseos", channel: "eus" }],
  ["cpe:/o:redhat:rhel_e4s:9.0::baseos", { ecosystem: "Red Hat:rhel_e4s:9.0::baseos", channel: "eus" }],
  ["cpe:/o:redhat:rhel_els:7", { ecosystem: "Red Hat:rhel_els:7", channel: "eus" }],
  [
    "cpe:/a:redhat:rhel_eus_long_life:8.4::appstream",
    { ecosystem: "Red Hat:rhel_eus_long_life:8.4::appstream", channel: "eus" },
  ],
  ["cpe:/o:redhat:enterprise_linux_eus:10.0", { ecosystem: "Red Hat:enterprise_linux_eus:10.0", channel: "eus" }],
  ["cpe:/a:redhat:jboss_core_services:1::el8", { ecosystem: "Red Hat:jboss_core_services:1::el8" }],
  ["cpe:/o:suse:sles:15", undefined],
  ["cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*", { ecosystem: "Red Hat:enterprise_linux:9" }],
  ["cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*", { ecosystem: "Red Hat:enterprise_linux:9::baseos" }],
  [
    "cpe:2.3:a:redhat:rhel_eus:9.4:*:appstream:*:*:*:*:*",
    { ecosystem: "Red Hat:rhel_eus:9.4::appstream", channel: "eus" },
  ],
  ["cpe:2.3:a:redhat:openshift:4:*:*:*:*:linux:*:*", undefined],
  ["cpe:2.3:o:redhat:enterprise_linux:9", undefined],
])("the place of %s", (cpe, place) => {
  expect(redHatPlace(cpe)).toEqual(place);
});

test("a product of another vendor's is told by its CPE name, which Red Hat at times writes without a vendor", () => {
  const others = ["cpe:/o:suse:sles:15", "cpe:2.3:o:suse:sles:15:*:*:*:*:*:*:*", "cpe:/a:cloudforms_tools:1::el6"];
  expect(others.filter(belongsToOtherVendor)).toEqual(others);
  const own = [
    "cpe:/a:redhat",
    "cpe:/o:RedHat:enterprise_linux:9",
    "cpe:/o:redhat:enterprise_linux:9",
    "cpe:2.3:a:redhat:x:1",
    "AppStream-9",
    "cpe:/",
    "",
  ];
  expect(own.filter(belongsToOtherVendor)).toEqual([]);
});

test.each([
  [
    "pkg:rpm/redhat/perl-FCGI@0.78-12.module%2Bel8.10.0%2B23147%2B95b68fad?arch=aarch64&epoch=1&rpmmod=perl-FCGI:0.78:8100020250604201935:513b2a65",
    {
      name: "perl-FCGI",
      version: "1:0.78-12.module+el8.10.0+23147+95b68fad",
      architecture: "aarch64",
      names: "binary",
      module: "perl-FCGI:0.78",
    },
  ],
  ["pkg:rpm/redhat/openssl?arch=src", { name: "openssl", architecture: "src", names: "source" }],
  ["pkg:rpm/redhat/libstdc%2B%2B", { name: "libstdc++", names: "binary" }],
  [
    "pkg:rpm/redhat/golang-docs?rpmmod=go-toolset:rhel8",
    { name: "golang-docs", names: "binary", module: "go-toolset:rhel8" },
  ],
  [
    "pkg:rpm/redhat/firefox-flatpak@128.0-1.el10?arch=src&rpmmod=rhel10",
    { refused: "its module has no stream", isFlatpak: true },
  ],
  ["pkg:rpm/redhat/a%E0%A4%A", { refused: "its package URL cannot be read" }],
  ["pkg:rpm/suse/openssl@1-1", undefined],
  ["pkg:oci/ubi9@sha256:12?arch=amd64", undefined],
  ["pkg:generic/redhat/rhcos@412.86?arch=x86_64", undefined],
])("the package of %s", (purl, found) => {
  expect(redHatPackage(purl)).toEqual(found);
});

test.each([
  ["in the qualifier", "tool@2-1.el9?epoch=1", "tool", "1:2-1.el9"],
  ["in the version", "tool@1:2-1.el9", "tool", "1:2-1.el9"],
  ["in the version, encoded", "tool@1%3A2-1.el9", "tool", "1:2-1.el9"],
  ["in the id of the product", "tool@2-1.el9", "tool-1:2-1.el9.x86_64::tool:1", "1:2-1.el9"],
  ["everywhere", "tool@1%3A2-1.el9?epoch=1", "tool-1:2-1.el9.x86_64", "1:2-1.el9"],
  ["nowhere", "tool@2-1.el9", "tool-2-1.el9.x86_64", "0:2-1.el9"],
  ["as 0", "tool@2-1.el9", "tool-0:2-1.el9.x86_64", "0:2-1.el9"],
])("an epoch that stands %s counts", (_, purl, id, version) => {
  expect(redHatPackage(`pkg:rpm/redhat/${purl}`, id)).toEqual({ name: "tool", version, names: "binary" });
});

test.each([
  ["tool@2-1.el9?epoch=1", "tool-2:2-1.el9.x86_64", "it states several epochs"],
  ["tool@1:2-1.el9?epoch=0", "tool", "it states several epochs"],
  ["tool@2-1.el9?epoch=(none)", "tool", "its epoch is not a number"],
  ["tool@(none):2-1.el9", "tool", "its epoch is not a number"],
  ["tool@none", "tool", "its version is not valid"],
  ["tool@none-none", "tool", "its version is not valid"],
  ["tool@2", "tool", "its version is not valid"],
  ["tool@1:2:3-1", "tool", "its version is not valid"],
])("of %s as %s the package is known and its version is not", (purl, id, wrongVersion) => {
  expect(redHatPackage(`pkg:rpm/redhat/${purl}`, id)).toEqual({ name: "tool", wrongVersion, names: "binary" });
});

test.each([
  ["telnet-1:0.17-65.el7_6.src", { name: "telnet", version: "1:0.17-65.el7_6", architecture: "src", names: "source" }],
  ["python38:3.8/python-lxml", { name: "python-lxml", names: "source", module: "python38:3.8" }],
  ["kernel-rt", { name: "kernel-rt", names: "source" }],
  ["openshift4/ose-cli", undefined],
  ["EAP 7.4.10 release", undefined],
])("the package of a product named %s", (name, found) => {
  expect(redHatPackageOfName(name)).toEqual(found);
});

test("packages of debug symbols are told apart from those that are only named alike", () => {
  expect(["curl-debuginfo", "curl-debugsource", "kernel-debuginfo-common-x86_64"].every(isDebugPackage)).toBe(true);
  expect(["debuginfod", "elfutils-debuginfod-client", "kernel-debug-core"].some(isDebugPackage)).toBe(false);
});
