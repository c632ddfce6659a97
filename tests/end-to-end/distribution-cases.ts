import type { DistributionSpec } from "../setup/distribution-image.ts";

/** An image of a distribution, and what its publisher says of the packages in it. */
export interface DistributionCase extends DistributionSpec {
  readonly title: string;
  /** `ID PACKAGE: STATUS`, with the fix, the publisher's reason, the severity and its source; in the order of the report. */
  readonly findings: readonly string[];
  /** `ID PACKAGE: WHO says STATUS` for what a statement suppresses. */
  readonly suppressed?: readonly string[];
  /** `ID: KIND PACKAGE…` for what is not reported, as `why-not` tells it. */
  readonly absent?: Readonly<Record<string, readonly string[]>>;
}

const debian = {
  ID: "debian",
  VERSION_ID: "12",
  VERSION_CODENAME: "bookworm",
  PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)",
};
const ubuntu = { ID: "ubuntu", VERSION_ID: "22.04", VERSION_CODENAME: "jammy", PRETTY_NAME: "Ubuntu" };
const rhel = (version: string) => ({
  ID: "rhel",
  VERSION_ID: version,
  PRETTY_NAME: `Red Hat Enterprise Linux ${version}`,
});
const redHat = "Red Hat, Inc.";

/** Images of all distributions whose publisher has a feed. The packages are chosen by the corpus' advisories. */
export const distributionCases: readonly DistributionCase[] = [
  {
    title: "Debian 12",
    manager: "deb",
    release: debian,
    packages: [
      {
        name: "libcurl4",
        version: "7.88.1-10+deb12u3",
        source: "curl",
        maker: "Debian Curl Maintainers <team@debian.org>",
      },
      {
        name: "sope-bin",
        version: "5.8.0-1+deb12u1",
        source: "sope",
        maker: "Debian SOGo Maintainers <team@debian.org>",
      },
      { name: "chromium", version: "97.0.4692.99-1", maker: "Debian Chromium Team <chromium@packages.debian.org>" },
      { name: "linux-libc-dev", version: "6.1.0-1", source: "linux", maker: "Debian Kernel Team <team@debian.org>" },
      { name: "libwebp7", version: "1.2.4-0.2", source: "libwebp" },
    ],
    findings: [
      "CVE-2022-0456 chromium: fixed 98.0.4758.80-1; unknown",
      "CVE-2021-22922 libcurl4: affected; negligible by Debian",
      "CVE-2023-23914 libcurl4: will-not-fix (ignored: Minor issue); unknown",
      "CVE-2023-38545 libcurl4: fixed 7.88.1-10+deb12u4; high by Debian",
      "CVE-2024-2398 libcurl4: fix-deferred (postponed: Minor issue); unknown",
      "CVE-2024-7264 libcurl4: affected (no-dsa: Minor issue); unknown",
      "CVE-2024-99999 libcurl4: under-investigation (undetermined); unknown",
      "CVE-2023-4863 libwebp7: fixed 1.2.4-0.2+deb12u1; high by Plimsoll",
    ],
    absent: {
      "CVE-2025-53603": ["fixed sope-bin"],
      "CVE-2024-2379": ["other-release libcurl4", "statement libcurl4"],
      "CVE-2008-7220": ["no-record"],
    },
  },
  {
    title: "Ubuntu 22.04",
    manager: "deb",
    release: ubuntu,
    packages: [
      { name: "libwayland-client0", version: "1.20.0-1", source: "wayland", maker: "Ubuntu Developers <x@ubuntu.com>" },
      {
        name: "libnetty-java",
        version: "1:4.1.48-4+deb11u2",
        source: "netty",
        maker: "Ubuntu Developers <x@ubuntu.com>",
      },
      { name: "curl", version: "7.81.0-1ubuntu1.13", maker: "Ubuntu Developers <x@ubuntu.com>" },
    ],
    findings: [
      "CVE-2022-24823 libnetty-java: will-not-fix [esm 1:4.1.48-4+deb11u2ubuntu0.1~esm1] (fixed only in Ubuntu Pro); low by Ubuntu",
      "CVE-2021-3782 libwayland-client0: fixed 1.20.0-1ubuntu0.1; medium by Ubuntu",
    ],
  },
  {
    title: "Ubuntu 22.04 with packages of Ubuntu Pro",
    manager: "deb",
    release: ubuntu,
    packages: [
      { name: "libwayland-client0", version: "1.20.0-1ubuntu0.1", source: "wayland" },
      { name: "libnetty-java", version: "1:4.1.48-4+deb11u2ubuntu0.1~esm1", source: "netty" },
    ],
    findings: [],
    absent: { "CVE-2022-24823": ["fixed libnetty-java"], "CVE-2021-3782": ["fixed libwayland-client0"] },
  },
  {
    title: "Ubuntu 20.04",
    manager: "deb",
    release: { ...ubuntu, VERSION_ID: "20.04", VERSION_CODENAME: "focal" },
    packages: [{ name: "curl", version: "7.68.0-1ubuntu2.19" }],
    findings: [],
    absent: { "CVE-2023-38545": ["other-release curl", "statement curl"] },
  },
  {
    title: "Alpine 3.11",
    manager: "apk",
    release: { ID: "alpine", VERSION_ID: "3.11.6", PRETTY_NAME: "Alpine Linux" },
    packages: [
      { name: "libcurl", version: "7.65.0-r0", source: "curl" },
      { name: "musl", version: "1.1.24-r2" },
      { name: "busybox", version: "1.30.0-r0" },
    ],
    findings: [
      "CVE-2019-5747 busybox: fixed 1.30.1-r2; unknown",
      "CVE-2019-5481 libcurl: fixed 7.66.0-r0; critical by Plimsoll",
      "CVE-2019-5482 libcurl: fixed 7.66.0-r0; unknown",
    ],
    absent: { "CVE-2019-0001": ["not-examined", "no-record"] },
  },
  {
    title: "Red Hat Enterprise Linux 9",
    manager: "rpm",
    release: rhel("9.4"),
    packages: [
      { name: "example-libs", version: "2.1-3.el9_2.6", source: "example", maker: redHat },
      { name: "libcurl", version: "7.76.1-26.el9_3.1", source: "curl", maker: redHat },
      { name: "openssl-libs", version: "1:3.0.7-27.el9", source: "openssl", maker: redHat },
      { name: "libssh", version: "0.10.4-11.el9", maker: redHat },
      { name: "python3", version: "3.9.18-3.el9_4.1", source: "python3.9", maker: redHat },
      { name: "example-doc", version: "2.1-3.el9_2.6", source: "example", maker: redHat },
    ],
    findings: [
      "CVE-2024-9003 example-doc: will-not-fix (Will not fix); low by Red Hat",
      "CVE-2024-9001 example-libs: fixed 2.4-5.el9_4; high by Red Hat",
      "CVE-2024-9003 example-libs: will-not-fix (Will not fix); low by Red Hat",
      "CVE-2024-9005 example-libs: affected; medium by Red Hat",
      "CVE-2023-38545 libcurl: fixed 7.76.1-26.el9_3.2; high by Red Hat",
      "CVE-2026-0968 libssh: affected; low by Red Hat",
      "CVE-2026-2673 openssl-libs: fix-deferred (Fix deferred); low by Red Hat",
      "CVE-2026-2297 python3: fix-deferred (Fix deferred); low by Red Hat",
    ],
    suppressed: ["CVE-2024-9005 example-doc: Red Hat says not_affected"],
    absent: { "CVE-2024-9004": ["statement example-libs"], "CVE-2024-0727": ["fixed openssl-libs"] },
  },
  {
    title: "Red Hat Enterprise Linux 9.2 with extended support",
    manager: "rpm",
    release: rhel("9.2"),
    packages: [
      { name: "example-libs", version: "2.1-3.el9_2.6", source: "example-other", maker: redHat },
      { name: "libcurl", version: "7.76.1-23.el9_2.3", source: "curl", maker: redHat },
    ],
    members: [
      {
        name: "root/buildinfo/content_manifests/ubi9-container-9.2-1.json",
        content: JSON.stringify({ metadata: {}, content_sets: ["rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2"] }),
      },
    ],
    findings: [
      "CVE-2024-9003 example-libs: will-not-fix (Will not fix); low by Red Hat",
      "CVE-2023-38545 libcurl: fixed 7.76.1-23.el9_2.4; high by Red Hat",
    ],
    absent: { "CVE-2024-9001": ["fixed example-libs"] },
  },
  {
    title: "Red Hat Enterprise Linux 8 with a module",
    manager: "rpm",
    release: rhel("8.10"),
    packages: [
      { name: "nodejs", version: "1:18.18.2-1.module+el8.9.0+1", module: "nodejs:18", maker: redHat },
      { name: "libssh", version: "0.9.6-14.el8", maker: redHat },
      { name: "libcurl", version: "7.61.1-33.el8", source: "curl", maker: redHat },
      { name: "openssl-libs", version: "1:1.1.1k-9.el8_7", source: "openssl", maker: redHat },
    ],
    findings: [
      "CVE-2026-0968 libssh: fix-deferred (Fix deferred); low by Red Hat",
      "CVE-2024-9002 nodejs: fixed 1:18.19.1-1.module+el8.10.0+1; medium by Red Hat",
      "CVE-2024-0727 openssl-libs: fix-deferred (Fix deferred); low by Red Hat",
      "CVE-2026-2673 openssl-libs: fix-deferred (Fix deferred); low by Red Hat",
    ],
    absent: { "CVE-2023-38545": ["other-release libcurl", "statement libcurl"] },
  },
  {
    title: "Red Hat Enterprise Linux 8 with another stream of the module",
    manager: "rpm",
    release: rhel("8.10"),
    packages: [{ name: "nodejs", version: "1:16.20.2-1.module+el8.9.0+1", module: "nodejs:16", maker: redHat }],
    findings: [],
    absent: { "CVE-2024-9002": ["other-module nodejs"] },
  },
  {
    title: "AlmaLinux 9",
    manager: "rpm",
    release: { ID: "almalinux", VERSION_ID: "9.3", PRETTY_NAME: "AlmaLinux" },
    packages: [
      { name: "less", version: "590-2.el9_2", maker: "AlmaLinux" },
      { name: "xz-libs", version: "5.2.5-8.el9_0", source: "xz", maker: "AlmaLinux" },
    ],
    findings: [
      "CVE-2022-48624 less: fixed 590-3.el9_3; medium by AlmaLinux",
      "CVE-2024-32487 less: fixed 590-4.el9_4; high by AlmaLinux",
    ],
    absent: { "CVE-2022-1271": ["fixed xz-libs", "other-release xz-libs"] },
  },
  {
    title: "Rocky Linux 8",
    manager: "rpm",
    release: { ID: "rocky", VERSION_ID: "8.7", PRETTY_NAME: "Rocky Linux" },
    packages: [
      { name: "firefox", version: "102.10.0-1.el8_7", maker: "Rocky Enterprise Software Foundation" },
      { name: "java-11-openjdk", version: "1:11.0.13.0.8-1.el8_4", maker: "Rocky Enterprise Software Foundation" },
    ],
    findings: [
      "CVE-2023-32205 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
      "CVE-2023-32206 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
      "CVE-2023-32207 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
      "CVE-2023-32211 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
      "CVE-2023-32212 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
      "CVE-2023-32213 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
      "CVE-2023-32215 firefox: fixed 102.11.0-2.el8_7; high by Rocky Linux",
    ],
    absent: { "RLSA-2021:3891": ["fixed java-11-openjdk"] },
  },
  {
    title: "Amazon Linux 2",
    manager: "rpm",
    release: { ID: "amzn", VERSION_ID: "2", PRETTY_NAME: "Amazon Linux" },
    packages: [
      { name: "qemu-img", version: "10:1.5.3-141.amzn2.5.2", source: "qemu-kvm", maker: "Amazon Linux" },
      { name: "java-1.8.0-openjdk", version: "1:1.8.0.161-0.b14.amzn2", maker: "Amazon Linux" },
    ],
    findings: ["CVE-2017-5715 qemu-img: fixed 10:1.5.3-141.amzn2.5.3; high by Amazon"],
    absent: { "CVE-2018-2579": ["fixed java-1.8.0-openjdk"] },
  },
  {
    title: "Amazon Linux 2023",
    manager: "rpm",
    release: { ID: "amzn", VERSION_ID: "2023", PRETTY_NAME: "Amazon Linux" },
    packages: [
      { name: "rsyslog", version: "8.2204.0-1.amzn2023.0.1", maker: "Amazon Linux" },
      { name: "rsyslog-gnutls", version: "8.2204.0-3.amzn2023.0.2", source: "rsyslog", maker: "Amazon Linux" },
    ],
    findings: [
      "CVE-2014-3634 rsyslog: fixed 8.2204.0-3.amzn2023.0.2; high by Amazon",
      "CVE-2022-24903 rsyslog: fixed 8.2204.0-3.amzn2023.0.2; high by Amazon",
    ],
  },
  {
    title: "Oracle Linux 8",
    manager: "rpm",
    release: { ID: "ol", VERSION_ID: "8.3", PRETTY_NAME: "Oracle Linux Server" },
    packages: [{ name: "openssl-libs", version: "1:1.1.1g-12.el8_3", source: "openssl", maker: "Oracle America" }],
    findings: [
      "CVE-2021-3449 openssl-libs: fixed 1:1.1.1g-15.el8_3; high by Oracle",
      "CVE-2021-3450 openssl-libs: fixed 1:1.1.1g-15.el8_3; high by Oracle",
    ],
  },
  {
    title: "Oracle Linux 8 with a package for Ksplice",
    manager: "rpm",
    release: { ID: "ol", VERSION_ID: "8.3", PRETTY_NAME: "Oracle Linux Server" },
    packages: [
      { name: "openssl-libs", version: "2:1.1.1g-12.ksplice1.el8_3", source: "openssl", maker: "Oracle America" },
      { name: "openssl", version: "2:1.1.1g-15.ksplice1.el8_3", maker: "Oracle America" },
    ],
    findings: [
      "CVE-2021-3449 openssl-libs: fixed 2:1.1.1g-15.ksplice1.el8_3; high by Oracle",
      "CVE-2021-3450 openssl-libs: fixed 2:1.1.1g-15.ksplice1.el8_3; high by Oracle",
    ],
  },
  {
    title: "Oracle Linux 8 with a validated package",
    manager: "rpm",
    release: { ID: "ol", VERSION_ID: "8.3", PRETTY_NAME: "Oracle Linux Server" },
    packages: [
      { name: "openssl-libs", version: "10:1.1.1g-12.el8_3_fips", source: "openssl", maker: "Oracle America" },
      { name: "openssl", version: "10:1.1.1g-15.el8_3_fips", maker: "Oracle America" },
    ],
    findings: [
      "CVE-2021-3449 openssl-libs: fixed 10:1.1.1g-15.el8_3_fips; high by Oracle",
      "CVE-2021-3450 openssl-libs: fixed 10:1.1.1g-15.el8_3_fips; high by Oracle",
    ],
  },
  {
    title: "SUSE Linux Enterprise Server 15 SP5",
    manager: "rpm",
    release: { ID: "sles", VERSION_ID: "15.5", PRETTY_NAME: "SLES" },
    packages: [
      { name: "libcurl4", version: "8.0.1-150400.5.29.1", source: "curl", maker: "SUSE LLC <https://www.suse.com/>" },
      { name: "example", version: "1-1.1", maker: "SUSE LLC <https://www.suse.com/>" },
    ],
    findings: [
      "CVE-2024-9003 example: will-not-fix (Won't fix); low by SUSE",
      "CVE-2023-38545 libcurl4: fixed 8.0.1-150400.5.32.1; high by SUSE",
    ],
    absent: { "CVE-2024-9004": ["statement libcurl4"] },
  },
  {
    title: "SUSE Linux Enterprise Server 15 SP3, of which only long-term support is left",
    manager: "rpm",
    release: { ID: "sles", VERSION_ID: "15.3", PRETTY_NAME: "SLES" },
    packages: [{ name: "libcurl4", version: "7.66.0-150200.4.57.1", source: "curl", maker: "SUSE LLC" }],
    findings: ["CVE-2023-38545 libcurl4: affected [ltss 7.66.0-150200.4.60.1]; high by SUSE"],
  },
  {
    title: "CBL-Mariner 1",
    manager: "rpm",
    release: { ID: "mariner", VERSION_ID: "1.0.20220101", PRETTY_NAME: "CBL-Mariner" },
    packages: [
      { name: "sqlite-libs", version: "3.34.1-1.cm1", source: "sqlite", maker: "Microsoft Corporation" },
      { name: "bash", version: "4.4.18-7.cm1", maker: "Microsoft Corporation" },
    ],
    findings: ["CVE-2022-35737 sqlite-libs: fixed 3.34.1-2.cm1; high by Azure Linux"],
    absent: { "CVE-2022-3715": ["statement bash"], "CVE-2019-18276": ["fixed bash"] },
  },
  {
    title: "Azure Linux 3",
    manager: "rpm",
    release: { ID: "azurelinux", VERSION_ID: "3.0", PRETTY_NAME: "Microsoft Azure Linux" },
    packages: [
      { name: "less", version: "643-2.azl3", maker: "Microsoft Corporation" },
      { name: "openssl-libs", version: "3.3.0-1.azl3", source: "openssl", maker: "Microsoft Corporation" },
    ],
    findings: ["CVE-2024-5535 openssl-libs: fixed 3.3.0-2.azl3; medium by Azure Linux"],
    absent: { "CVE-2024-32487": ["fixed less"] },
  },
  {
    title: "Photon OS 4",
    manager: "rpm",
    release: { ID: "photon", VERSION_ID: "4.0", PRETTY_NAME: "VMware Photon OS" },
    packages: [
      { name: "curl", version: "7.88.1-3.ph4", maker: "VMware, Inc." },
      { name: "curl-libs", version: "7.88.1-3.ph4", source: "curl", maker: "VMware, Inc." },
      { name: "httpd", version: "2.4.58-1.ph4", maker: "VMware, Inc." },
      { name: "nghttp2", version: "1.57.0-1.ph4", maker: "VMware, Inc." },
      { name: "python3-libs", version: "3.10.11-1.ph4", source: "python3", maker: "VMware, Inc." },
    ],
    findings: [
      "CVE-2023-38545 curl: fixed 7.88.1-4.ph4; critical by Photon OS",
      "CVE-2023-38546 curl: fixed 7.88.1-4.ph4; low by Photon OS",
      "CVE-2023-38545 curl-libs: fixed 7.88.1-4.ph4; critical by Photon OS",
      "CVE-2023-38546 curl-libs: fixed 7.88.1-4.ph4; low by Photon OS",
      "CVE-2023-50447 python3-libs: affected (Fixed, in no version that is named); high by Plimsoll",
    ],
    absent: { "CVE-2023-44487": ["statement httpd", "fixed nghttp2"] },
  },
  {
    title: "Wolfi",
    manager: "apk",
    release: { ID: "wolfi", VERSION_ID: "20230201", PRETTY_NAME: "Wolfi" },
    packages: [
      { name: "libcurl-openssl4", version: "8.3.0-r1", source: "curl" },
      { name: "curl", version: "8.4.0-r0" },
    ],
    findings: ["CVE-2023-38545 libcurl-openssl4: fixed 8.4.0-r0; critical by Plimsoll"],
    absent: { "CVE-2023-38546": ["statement curl", "statement libcurl-openssl4"] },
  },
];
