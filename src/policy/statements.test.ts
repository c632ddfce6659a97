import { describe, expect, test } from "vitest";
import type { Finding, FindingPackage } from "../model/findings/finding.ts";
import type { Assessment, VexStatement, VexStatus } from "../model/findings/vex.ts";
import type { ProductContext } from "./product-match.ts";
import { applyStatements } from "./statements.ts";

const libssl: FindingPackage = {
  name: "libssl3",
  version: "3.0.2-0ubuntu1.10",
  type: "deb",
  purl: "pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1.10?arch=amd64&distro=ubuntu-22.04",
  source: { name: "openssl", version: "3.0.2-0ubuntu1.10" },
  paths: ["var/lib/dpkg/status"],
  layer: 0,
};
const jammy = { id: "ubuntu", idLike: ["debian"], version: "22.04", codename: "jammy", name: "Ubuntu 22.04" };

function finding(parts: Partial<Finding> = {}): Finding {
  return {
    kind: "vulnerability",
    id: "CVE-2024-1000",
    aliases: ["GHSA-aaaa-bbbb-cccc", "UBUNTU-CVE-2024-1000"],
    severity: "high",
    severities: [],
    status: "affected",
    evidence: [],
    package: libssl,
    ...parts,
  };
}

function says(
  status: VexStatus,
  product: string | VexStatement["products"][number],
  more: Partial<VexStatement> & { readonly by?: Assessment["by"] } = {},
): Assessment {
  const { by = "publisher", ...parts } = more;
  const products = [typeof product === "string" ? { "@id": product } : product];
  return { by, statement: { vulnerability: { name: "CVE-2024-1000" }, products, status, author: "someone", ...parts } };
}

/** `suppressed`, or the status of the finding that stays. */
function outcome(
  assessments: readonly Assessment[],
  about: Finding = finding(),
  context: ProductContext = { distribution: jammy },
): string {
  const { findings, suppressed } = applyStatements([about], assessments, context);
  expect(findings.length + suppressed.length).toBe(1);
  return suppressed.length === 1 ? "suppressed" : (findings[0]?.status ?? "");
}

const any = "pkg:deb/ubuntu/libssl3";

describe("the status of a statement", () => {
  test("suppresses when it is not_affected or fixed", () => {
    expect(outcome([says("not_affected", any)])).toBe("suppressed");
    expect(outcome([says("fixed", any)])).toBe("suppressed");
  });

  test("becomes the finding's when it is under_investigation, which affected ends", () => {
    expect(outcome([says("under_investigation", any)])).toBe("under-investigation");
    expect(outcome([says("affected", any)], finding({ status: "under-investigation" }))).toBe("affected");
    expect(outcome([says("affected", any)], finding({ status: "under-investigation", fixedIn: "9" }))).toBe("fixed");
    expect(outcome([says("affected", any)], finding({ status: "will-not-fix" }))).toBe("will-not-fix");
  });

  test("goes with the finding, and with the product that was meant", () => {
    const statement = says("not_affected", any, { products: [{ "@id": "pkg:npm/a" }, { "@id": any }] });
    const { suppressed } = applyStatements([finding()], [statement]);
    expect(suppressed).toEqual([
      { finding: finding(), by: "publisher", statement: { ...statement.statement, products: [{ "@id": any }] } },
    ]);
    const [kept] = applyStatements([finding()], [says("affected", any)]).findings;
    expect(kept?.assessment?.statement.status).toBe("affected");
  });

  test("counts for nothing where no statement is about the finding, which stays the same object", () => {
    const one = finding();
    expect(applyStatements([one], [says("not_affected", "pkg:deb/ubuntu/zlib1g")]).findings[0]).toBe(one);
  });
});

describe("the vulnerability", () => {
  test("may go by any name of the finding or of the statement, in any case", () => {
    for (const name of ["cve-2024-1000", "ghsa-AAAA-bbbb-cccc", "ubuntu-cve-2024-1000"]) {
      expect(outcome([says("not_affected", any, { vulnerability: { name } })])).toBe("suppressed");
    }
    const vulnerability = { name: "internal-1", aliases: ["CVE-2024-1000"] };
    expect(outcome([says("not_affected", any, { vulnerability })])).toBe("suppressed");
    expect(outcome([says("not_affected", any, { vulnerability: { name: "CVE-2024-10000" } })])).toBe("affected");
  });

  test("of an erratum that covers several is dealt with only when each of them is", () => {
    const erratum = finding({ id: "ALSA-2024:1", aliases: ["CVE-2024-1000", "CVE-2024-1001"] });
    const first = says("not_affected", any);
    const second = says("not_affected", any, { vulnerability: { name: "CVE-2024-1001" } });
    expect(outcome([first], erratum)).toBe("affected");
    expect(outcome([first, second], erratum)).toBe("suppressed");
    expect(outcome([says("not_affected", any, { vulnerability: { name: "ALSA-2024:1" } })], erratum)).toBe(
      "suppressed",
    );
    expect(outcome([first], finding({ id: "ALSA-2024:1", aliases: ["CVE-2024-1000"] }))).toBe("suppressed");
  });
});

describe("which statement holds", () => {
  const early = { timestamp: "2024-01-01T00:00:00Z" };
  const late = { timestamp: "2024-01-01T00:30:00+00:00" };

  test("is the latest, wherever it stands", () => {
    const both = [says("not_affected", any, late), says("affected", any, early)];
    expect(outcome(both)).toBe("suppressed");
    expect(outcome(both.toReversed())).toBe("suppressed");
  });

  test("is the later as a time and not as a text", () => {
    const zone = { timestamp: "2024-01-01T00:20:00-01:00" };
    expect(outcome([says("not_affected", any, zone), says("affected", any, late)])).toBe("suppressed");
  });

  test("is the last of those at the same time; one without a time is the oldest", () => {
    expect(outcome([says("not_affected", any, early), says("under_investigation", any, early)])).toBe(
      "under-investigation",
    );
    expect(outcome([says("not_affected", any, early), says("under_investigation", any)])).toBe("suppressed");
  });

  test("is the user's before any publisher's", () => {
    const user = says("affected", any, { ...early, by: "user" });
    expect(outcome([user, says("not_affected", any, late)])).toBe("affected");
  });
});

describe("a product", () => {
  const covers = (product: string | VexStatement["products"][number], context?: ProductContext): boolean =>
    outcome([says("not_affected", product)], finding(), context) === "suppressed";

  test("with a version means that version, without one every version", () => {
    expect(covers(`${any}@3.0.2-0ubuntu1.10`)).toBe(true);
    expect(covers(`${any}@3.0.2-0ubuntu1.1`)).toBe(false);
  });

  test("is another one when type, namespace or name are", () => {
    for (const product of [
      "pkg:deb/debian/libssl3",
      "pkg:rpm/ubuntu/libssl3",
      "pkg:deb/ubuntu/libssl",
      "libssl3",
      "",
    ]) {
      expect(covers(product)).toBe(false);
    }
  });

  test.each(["ubuntu-22.04", "jammy", "ubuntu-jammy", "Ubuntu-22.04", "ubuntu-22"])(
    "may give the release as %s",
    (distro) => {
      expect(covers(`${any}?distro=${distro}`)).toBe(true);
    },
  );

  test.each(["ubuntu-24.04", "noble", "debian-12", "ubuntu-22.0", "22.04"])(
    "of the release %s is not meant",
    (distro) => {
      expect(covers(`${any}?distro=${distro}`)).toBe(false);
    },
  );

  test("of a release is told by the package alone where the distribution is not known", () => {
    expect(covers(`${any}?distro=ubuntu-22.04`, {})).toBe(true);
    expect(covers(`${any}?distro=jammy`, {})).toBe(false);
  });

  test("of an architecture is meant on it alone", () => {
    expect(covers(`${any}?arch=amd64`)).toBe(true);
    expect(covers(`${any}?arch=arm64`)).toBe(false);
  });

  test("with arch=source is the source package, and only then", () => {
    expect(covers("pkg:deb/ubuntu/openssl?arch=source&distro=jammy")).toBe(true);
    expect(covers("pkg:deb/ubuntu/openssl@3.0.2-0ubuntu1.10?arch=source")).toBe(true);
    expect(covers("pkg:deb/ubuntu/openssl@3.0.2-0ubuntu1.11?arch=source")).toBe(false);
    expect(covers("pkg:deb/ubuntu/openssl?distro=jammy")).toBe(false);
    expect(covers(`${any}?arch=source`)).toBe(false);
  });

  test("with a qualifier that the package does not have is not meant", () => {
    expect(covers(`${any}?repository_url=example.org`)).toBe(false);
  });

  test("that is an image means only what lies in that image", () => {
    const image = "pkg:oci/shop@sha256:abc?repository_url=example.org/shop";
    expect(covers("pkg:oci/shop")).toBe(false);
    expect(covers({ "@id": "pkg:oci/shop", subcomponents: [{ "@id": any }] })).toBe(false);
    const context = { targets: [image] };
    expect(covers("pkg:oci/shop", context)).toBe(true);
    expect(covers("pkg:oci/other", context)).toBe(false);
    expect(covers({ "@id": "pkg:oci/shop", subcomponents: [{ "@id": any }] }, context)).toBe(true);
    expect(covers({ "@id": "pkg:oci/shop", subcomponents: [{ "@id": "pkg:npm/a" }] }, context)).toBe(false);
  });

  test("with subcomponents is not the package itself", () => {
    expect(covers({ "@id": any, subcomponents: [{ "@id": "pkg:npm/a" }] })).toBe(false);
  });
});

test("an epoch is part of an rpm's version, in either form, and none is 0", () => {
  const rpm = (purl: string): Finding =>
    finding({
      package: { ...libssl, type: "rpm", name: "openssl", purl, source: { name: "openssl", version: "3-1" } },
    });
  const withEpoch = rpm("pkg:rpm/redhat/openssl@3-1?arch=x86_64&epoch=1");
  expect(outcome([says("fixed", "pkg:rpm/redhat/openssl@3-1?epoch=1")], withEpoch)).toBe("suppressed");
  expect(outcome([says("fixed", "pkg:rpm/redhat/openssl@1:3-1")], withEpoch)).toBe("suppressed");
  expect(outcome([says("fixed", "pkg:rpm/redhat/openssl@3-1")], withEpoch)).toBe("affected");
  expect(outcome([says("fixed", "pkg:rpm/redhat/openssl@3-1?arch=src&epoch=1")], withEpoch)).toBe("suppressed");
  expect(outcome([says("fixed", "pkg:rpm/redhat/openssl@0:3-1")], rpm("pkg:rpm/redhat/openssl@3-1"))).toBe(
    "suppressed",
  );
});

test("Go versions are the same with and without their v", () => {
  const go = finding({ package: { ...libssl, type: "golang", name: "stdlib", purl: "pkg:golang/stdlib@1.24.6" } });
  expect(outcome([says("not_affected", "pkg:golang/stdlib@v1.24.6")], go)).toBe("suppressed");
});
