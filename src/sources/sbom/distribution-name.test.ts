import { expect, test } from "vitest";
import { parsePackageUrl } from "../../model/packages/package-url.ts";
import { distributionNamed, distributionOf, sameDistribution } from "./distribution-name.ts";

test.each([
  ["pkg:deb/debian/a@1?distro=debian-12", "debian", "12", undefined],
  ["pkg:deb/debian/a@1?distro=bookworm", "debian", undefined, "bookworm"],
  ["pkg:deb/debian/a@1?distro=debian-sid", "debian", undefined, "sid"],
  ["pkg:deb/ubuntu/a@1?distro=ubuntu-22.04", "ubuntu", "22.04", undefined],
  ["pkg:rpm/redhat/a@1?distro=rhel-9.4", "rhel", "9.4", undefined],
  ["pkg:rpm/redhat/a@1?distro=redhat-8", "rhel", "8", undefined],
  ["pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", "opensuse-leap", "15.5", undefined],
  ["pkg:rpm/amazon/a@1?distro=amazon-2+%28Karoo%29", "amzn", "2", undefined],
  ["pkg:rpm/oracle/a@1?distro=oracle-8.0", "ol", "8.0", undefined],
  ["pkg:apk/alpine/a@1?distro=3.19.1", "alpine", "3.19.1", undefined],
  ["pkg:apk/wolfi/a@1?distro=wolfi-20230201", "wolfi", "20230201", undefined],
  ["pkg:apk/chainguard/a@1", "chainguard", undefined, undefined],
  ["pkg:deb/debian/a@1?distro=debian%2012", "debian", "12", undefined],
  ["pkg:deb/ubuntu/a@1?distro=jammy", "ubuntu", undefined, "jammy"],
  ["pkg:apk/alpine/a@1?distro=alpine-v3.18", "alpine", "3.18", undefined],
  ["pkg:apk/alpine/a@1?distro=alpine-edge", "alpine", undefined, "edge"],
  ["pkg:rpm/sles/a@1?distro=sles-15-sp5", "sles", "15.5", undefined],
  ["pkg:rpm/sles/a@1?distro=sles-15%20SP5", "sles", "15.5", undefined],
  ["pkg:deb/debian/a@1?os_distro=bookworm&os_name=debian&os_version=12", "debian", "12", undefined],
  ["pkg:deb/debian/a@1?os_distro=bookworm&os_name=debian", "debian", undefined, "bookworm"],
  ["pkg:rpm/suse/a@1?distro=slem-5.5", "sle-micro", "5.5", undefined],
  ["pkg:rpm/suse/a@1?distro=slem-6.0", "sl-micro", "6.0", undefined],
  ["pkg:rpm/suse/a@1?distro=suse%20linux%20enterprise%20server-15.6", "sles", "15.6", undefined],
  ["pkg:rpm/suse/a@1?distro=suse%20linux%20enterprise%20micro-5.5", "sle-micro", "5.5", undefined],
  ["pkg:rpm/opensuse/a@1?distro=opensuse%20leap-15.5", "opensuse-leap", "15.5", undefined],
  ["pkg:rpm/opensuse/a@1?distro=opensuse.leap-15.5", "opensuse-leap", "15.5", undefined],
  ["pkg:rpm/oracle/a@1?distro=oracle%20linux-9.3", "ol", "9.3", undefined],
  ["pkg:rpm/amazon/a@1?distro=amazon%20linux-2023", "amzn", "2023", undefined],
  ["pkg:rpm/amazon/a@1?distro=amazon-AMI%20release%202018.03", "amzn", "2018.03", undefined],
  ["pkg:rpm/amazonlinux/a@1?distro=amazonlinux-2023", "amzn", "2023", undefined],
  ["pkg:rpm/oraclelinux/a@1?distro=oraclelinux-8.8", "ol", "8.8", undefined],
  ["pkg:rpm/redhat/a@1?distro=Red%20Hat%20Enterprise%20Linux%209.3%20%28Plow%29", "rhel", "9.3", undefined],
  ["pkg:rpm/redhat/a@1?repository_id=rhel-9-for-x86_64-baseos-rpms", "rhel", "9", undefined],
  ["pkg:rpm/redhat/a@1?repository_id=rhocp-4.14-for-rhel-8-x86_64-rpms", "rhel", "8", undefined],
  ["pkg:rpm/redhat/a@1?repository_id=hotfixes", "rhel", undefined, undefined],
])("%s is a package of %s %s %s", (purl, id, version, codename) => {
  const url = parsePackageUrl(purl);
  const distribution = url && distributionOf(url);
  expect([distribution?.id, distribution?.version, distribution?.codename]).toEqual([id, version, codename]);
});

test("a package URL without namespace and distro names no distribution", () => {
  const url = parsePackageUrl("pkg:rpm/a@1");
  expect(url && distributionOf(url)).toBeUndefined();
});

test("a release and its point release are the same distribution, two releases are not", () => {
  const debian = (version: string | undefined) => distributionNamed("debian", version);
  expect(sameDistribution(debian("12"), debian("12.5"))).toBe(true);
  expect(sameDistribution(debian("1"), debian("12"))).toBe(false);
  expect(sameDistribution(debian("12"), debian(undefined))).toBe(true);
  expect(sameDistribution(debian("12"), distributionNamed("ubuntu", "12"))).toBe(false);
  expect(sameDistribution(debian("forky"), debian("bookworm"))).toBe(false);
  expect(sameDistribution(debian("forky"), debian("forky"))).toBe(true);
});
