import { expect, test } from "vitest";
import type { Distribution } from "../../../model/packages/distribution.ts";
import { packageOrigin } from "./package-origin.ts";

function origin(type: "deb" | "rpm", version: string, vendor: string | undefined, id = "debian"): string {
  const distribution: Distribution = { id, idLike: [], name: id };
  const found = packageOrigin({ type, version, ...(vendor !== undefined && { vendor }) }, distribution);
  return found.kind === "elsewhere" ? found.maker : found.kind;
}

test.each([
  ["18.19.0-1nodesource1", "NodeSource <gpg@nodesource.com>", "NodeSource"],
  ["16.1-1.pgdg120+1", "Debian PostgreSQL Maintainers <team+postgresql@tracker.debian.org>", "the PostgreSQL project"],
  ["8.2.13-1+0~20231121.34+debian12~1.gbp1c2d3e", "Debian PHP Maintainers <a@tracker.debian.org>", "deb.sury.org"],
  ["1:10.11.6+maria~deb12", "MariaDB Developers <a@lists.launchpad.net>", "the MariaDB project"],
  ["10:5.1.3-dmo1+deb12u1", "Christian Marillat <marillat@debian.org>", "deb-multimedia.org"],
  ["5:24.0.7-1~debian.12~bookworm", "Docker <support@docker.com>", "Docker <support@docker.com>"],
  ["1.25.3-1~bookworm", "NGINX Packaging <nginx-packaging@f5.com>", "NGINX Packaging <nginx-packaging@f5.com>"],
])("a deb of version %s by %s is by %s", (version, maintainer, maker) => {
  expect(origin("deb", version, maintainer)).toBe(maker);
});

test.each([
  ["8.2.2-1.el9.remi", undefined, "Remi's repository"],
  ["1.0-1.el9", "Fedora Project", "Fedora Project"],
  ["24.0.7-1.el9", "Docker", "Docker"],
])("an rpm of version %s by %s on RHEL is by %s", (version, vendor, maker) => {
  expect(origin("rpm", version, vendor, "rhel")).toBe(maker);
});

test.each([
  ["1.0-1", "Debian Python Team <team+python@tracker.debian.org>"],
  ["1.0-1~bookworm", "Somebody <somebody@debian.org>"],
  ["1.0-1", undefined],
  ["0.4.2-1+deb12u1", "A Person <person@example.org>"],
  ["37~deb12u1", "A Person <person@example.org>"],
  ["1:2.39.5-0+deb12u3+b1", "A Person <person@example.org>"],
])("a deb of version %s by %s is Debian's own", (version, maintainer) => {
  expect(origin("deb", version, maintainer)).toBe("distribution");
});

test.each(["2.0.5-1", "1.2-3+deb12u1+acme2", "1.2-3+deb12u1~acme2", "1.2-3~bpo12+1", "4.1+dfsg-2+b1"])(
  "a deb of a private maintainer whose version %s looks like Debian's is not taken for another's",
  (version) => {
    expect(origin("deb", version, "A Person <person@example.org>")).toBe("unsure");
  },
);

test("the mark of Debian's updates tells nothing in another distribution", () => {
  expect(origin("deb", "1-1+deb12u1", "A Person <person@example.org>", "ubuntu")).toBe("unsure");
  expect(origin("deb", "1-1+deb12u1", "A Person <person@example.org>", "raspbian")).toBe("unsure");
});

test("an rpm of the distribution's own vendor is its own", () => {
  expect(origin("rpm", "1.0-1.el9", "Red Hat, Inc.", "rhel")).toBe("distribution");
  expect(origin("rpm", "1.0-1.ph4", "VMware, Inc.", "photon")).toBe("distribution");
  expect(origin("rpm", "1.0-1.1", "openSUSE", "opensuse-leap")).toBe("distribution");
});
