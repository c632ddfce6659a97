import { expect, test } from "vitest";
import { isLivePatch, suseBuild, susePlace, suseSource } from "./suse-product.ts";

test.each([
  ["SUSE Linux Enterprise Server 15 SP5", { ecosystem: "SUSE:Linux Enterprise Server 15 SP5" }],
  ["SUSE Linux Enterprise Server 15", { ecosystem: "SUSE:Linux Enterprise Server 15" }],
  ["SUSE Linux Enterprise Server 16.0", { ecosystem: "SUSE:Linux Enterprise Server 16.0" }],
  [
    "SUSE Linux Enterprise Server 15 SP4-LTSS",
    { ecosystem: "SUSE:Linux Enterprise Server 15 SP4-LTSS", channel: "ltss" },
  ],
  [
    "SUSE Linux Enterprise Server 11 SP1 LTSS",
    { ecosystem: "SUSE:Linux Enterprise Server 11 SP1-LTSS", channel: "ltss" },
  ],
  [
    "SUSE Linux Enterprise Server 12 SP4-ESPOS",
    { ecosystem: "SUSE:Linux Enterprise Server 12 SP4-ESPOS", channel: "ltss" },
  ],
  [
    "SUSE Linux Enterprise Server 12 SP5-LTSS Extended Security",
    { ecosystem: "SUSE:Linux Enterprise Server 12 SP5-LTSS Extended Security", channel: "ltss" },
  ],
  [
    "SUSE Linux Enterprise Module for Basesystem 15 SP5",
    { ecosystem: "SUSE:Linux Enterprise Module for Basesystem 15 SP5" },
  ],
  [
    "SUSE Linux Enterprise Live Patching 15 SP5",
    { ecosystem: "SUSE:Linux Enterprise Live Patching 15 SP5", channel: "livepatch" },
  ],
  ["SUSE Linux Micro 6.0", { ecosystem: "SUSE:Linux Micro 6.0" }],
  ["openSUSE Leap 15.5", { ecosystem: "openSUSE:Leap 15.5" }],
  ["openSUSE Leap Micro 5.3", { ecosystem: "openSUSE:Leap Micro 5.3" }],
  ["openSUSE Tumbleweed", { ecosystem: "openSUSE:Tumbleweed" }],
  ["openSUSE 13.2", { ecosystem: "openSUSE:13.2" }],
  ["SUSE Linux Enterprise Server for SAP Applications 15 SP5", undefined],
  ["SUSE Linux Enterprise Server for Raspberry Pi 12 SP2", undefined],
  ["SUSE Linux Enterprise High Performance Computing 15 SP5", undefined],
  ["Container suse/sle15:15.6", undefined],
  ["Image SLES15-SP5-BYOS-Azure", undefined],
  ["SUSE Manager Server 4.3", undefined],
])("the place of %s", (name, place) => {
  expect(susePlace(name)).toEqual(place);
});

test.each([
  [
    "libwebkit2gtk-4_0-37-2.24.2-3.27.1",
    "pkg:rpm/suse/libwebkit2gtk-4_0-37@2.24.2-3.27.1?upstream=webkit2gtk3-2.24.2-3.27.1.src.rpm",
    { name: "libwebkit2gtk-4_0-37", version: "2.24.2-3.27.1" },
  ],
  [
    "aaa_base-84.87+git20180409.04c9dae-3.9.1",
    undefined,
    { name: "aaa_base", version: "84.87+git20180409.04c9dae-3.9.1" },
  ],
  ["krb5-32bit-1.15.2-4.25", "pkg:rpm/suse/krb5@1", { name: "krb5-32bit", version: "1.15.2-4.25" }],
  ["kernel", undefined, undefined],
  ["kernel-default", undefined, undefined],
  ["a--", undefined, undefined],
])("the build %s", (id, purl, build) => {
  expect(suseBuild(id, purl)).toEqual(build);
});

test.each([
  ["pkg:rpm/suse/libpcre1@8.39-8.3.1?upstream=pcre-8.39-8.3.1.src.rpm", "pcre"],
  ["pkg:rpm/suse/libpcre1@?upstream=pcre.src.rpm", "pcre"],
  ["pkg:rpm/suse/tool@1.0-2?upstream=tool-suite-5.0-2.src.rpm", "tool-suite"],
  ["pkg:rpm/suse/libstdc%2B%2B6@13-1?upstream=gcc13-13-1.src.rpm&arch=x86_64", "gcc13"],
  ["pkg:rpm/suse/webkit2gtk3@", undefined],
  [undefined, undefined],
])("the source package of %s", (purl, source) => {
  expect(suseSource(purl)).toBe(source);
});

test("live patches are told from kernels", () => {
  expect([isLivePatch("kernel-livepatch-5_14_21-default"), isLivePatch("kgraft-patch-4_4-default")]).toEqual([
    true,
    true,
  ]);
  expect(isLivePatch("kernel-default")).toBe(false);
});
