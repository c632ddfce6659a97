import { gzipSync } from "node:zlib";
import type { ExampleDocument } from "../../src/advisories/feeds/csaf/example-document.ts";
import { tar } from "./tar.ts";
import { zip } from "./zip.ts";

// What the corpus does not have of some publishers, in their form. The facts are true of 2023 and 2024 unless they name `example`.

const release = (
  status: "open" | "resolved",
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({ status, urgency: "not yet assigned", ...more });

/** Further packages of the Debian Security Tracker's JSON: what it says of what is open. */
export const trackerExamples: Readonly<Record<string, unknown>> = {
  curl: {
    "CVE-2023-38545": {
      description: "This flaw makes curl overflow a heap based buffer in the SOCKS5 proxy handshake.",
      releases: {
        bullseye: release("resolved", { fixed_version: "7.74.0-1.3+deb11u10", urgency: "high**" }),
        bookworm: release("resolved", { fixed_version: "7.88.1-10+deb12u4", urgency: "high**" }),
        sid: release("resolved", { fixed_version: "8.3.0-3", urgency: "high**" }),
      },
    },
    "CVE-2024-2379": {
      releases: {
        bookworm: release("resolved", { fixed_version: "0", urgency: "unimportant" }),
        sid: release("resolved", { fixed_version: "8.7.1-1", urgency: "unimportant" }),
      },
    },
    "CVE-2023-23914": {
      releases: {
        bullseye: release("open", { nodsa: "Too intrusive to backport", nodsa_reason: "ignored" }),
        bookworm: release("open", { nodsa: "Minor issue", nodsa_reason: "ignored" }),
      },
    },
    "CVE-2024-2398": {
      releases: { bookworm: release("open", { nodsa: "Minor issue", nodsa_reason: "postponed" }) },
    },
    "CVE-2024-7264": { releases: { bookworm: release("open", { nodsa: "Minor issue", nodsa_reason: "" }) } },
    "CVE-2021-22922": { releases: { bookworm: release("open", { urgency: "unimportant" }) } },
    "CVE-2024-99999": { releases: { bookworm: { status: "undetermined", urgency: "not yet assigned" } } },
  },
  libwebp: {
    "CVE-2023-4863": {
      releases: { bookworm: release("resolved", { fixed_version: "1.2.4-0.2+deb12u1" }) },
    },
  },
  jinja2: {
    "CVE-2024-22195": { releases: { bookworm: release("open", { nodsa: "Minor issue", nodsa_reason: "" }) } },
  },
};

function rpm(name: string, version: string, more = ""): Readonly<Record<string, string>> {
  const epoch = /^[1-9]\d*(?=:)/.exec(version)?.[0];
  const plain = encodeURIComponent(version.replace(/^\d+:/, ""));
  return {
    [`${name}-${version}`]: `pkg:rpm/redhat/${name}@${plain}?arch=x86_64${epoch ? `&epoch=${epoch}` : ""}${more}`,
  };
}

/** Red Hat: a fix in the main channel and another in the extended one, a module, and each of the states without a fix. */
export const redHatExamples: readonly ExampleDocument[] = [
  {
    cve: "CVE-2024-9001",
    platforms: {
      "BaseOS-9.4.0.Z.MAIN.EUS": "cpe:/o:redhat:enterprise_linux:9::baseos",
      "BaseOS-9.2.0.Z.EUS": "cpe:/o:redhat:rhel_eus:9.2::baseos",
    },
    components: { ...rpm("example-libs", "0:2.4-5.el9_4"), ...rpm("example-libs", "0:2.1-3.el9_2.6") },
    status: {
      fixed: [
        "BaseOS-9.4.0.Z.MAIN.EUS > example-libs-0:2.4-5.el9_4",
        "BaseOS-9.2.0.Z.EUS > example-libs-0:2.1-3.el9_2.6",
      ],
    },
    threats: [{ category: "impact", details: "Important" }],
  },
  {
    cve: "CVE-2024-9002",
    platforms: { "AppStream-8.10.0.Z.MAIN.EUS": "cpe:/a:redhat:enterprise_linux:8::appstream" },
    components: {
      "nodejs:18:8100020240301:489197e6": "pkg:rpmmod/redhat/nodejs@18:8100020240301:489197e6",
      ...rpm("nodejs", "1:18.19.1-1.module+el8.10.0+1", "&rpmmod=nodejs:18:8100020240301:489197e6"),
    },
    status: {
      fixed: ["AppStream-8.10.0.Z.MAIN.EUS > nodejs:18:8100020240301:489197e6 > nodejs-1:18.19.1-1.module+el8.10.0+1"],
    },
    threats: [{ category: "impact", details: "Moderate" }],
  },
  {
    cve: "CVE-2024-9003",
    platforms: { red_hat_enterprise_linux_9: "cpe:/o:redhat:enterprise_linux:9" },
    components: { "example.src": "pkg:rpm/redhat/example?arch=src", "example-libs": "pkg:rpm/redhat/example-libs" },
    status: {
      known_affected: ["red_hat_enterprise_linux_9 > example.src", "red_hat_enterprise_linux_9 > example-libs"],
    },
    remediations: [
      {
        category: "no_fix_planned",
        details: "Will not fix",
        products: ["red_hat_enterprise_linux_9 > example.src", "red_hat_enterprise_linux_9 > example-libs"],
      },
    ],
    threats: [{ category: "impact", details: "Low" }],
  },
  {
    cve: "CVE-2024-9004",
    platforms: { red_hat_enterprise_linux_9: "cpe:/o:redhat:enterprise_linux:9" },
    components: { "example.src": "pkg:rpm/redhat/example?arch=src", "example-libs": "pkg:rpm/redhat/example-libs" },
    status: {
      known_not_affected: ["red_hat_enterprise_linux_9 > example.src", "red_hat_enterprise_linux_9 > example-libs"],
    },
    flags: [{ label: "vulnerable_code_not_present" }],
    threats: [{ category: "impact", details: "Important" }],
  },
  {
    cve: "CVE-2024-9005",
    platforms: { red_hat_enterprise_linux_9: "cpe:/o:redhat:enterprise_linux:9" },
    components: { "example.src": "pkg:rpm/redhat/example?arch=src", "example-doc": "pkg:rpm/redhat/example-doc" },
    status: {
      known_affected: ["red_hat_enterprise_linux_9 > example.src"],
      known_not_affected: ["red_hat_enterprise_linux_9 > example-doc"],
    },
    flags: [{ label: "component_not_present", products: ["red_hat_enterprise_linux_9 > example-doc"] }],
    threats: [{ category: "impact", details: "Moderate" }],
  },
];

const basesystem = "SUSE Linux Enterprise Module for Basesystem 15 SP5";
const longTerm = "SUSE Linux Enterprise Server 15 SP3-LTSS";

/** SUSE: a fix in a module of the server, one only for those who pay, and the states without a fix. */
export const suseExamples: readonly ExampleDocument[] = [
  {
    cve: "CVE-2023-38545",
    status: {
      recommended: [`${basesystem} > libcurl4-8.0.1-150400.5.32.1`, `${longTerm} > libcurl4-7.66.0-150200.4.60.1`],
    },
    threats: [{ category: "impact", details: "important" }],
  },
  {
    cve: "CVE-2024-9003",
    status: { known_affected: ["SUSE Linux Enterprise Server 15 SP5 > example"] },
    remediations: [
      { category: "no_fix_planned", details: "Won't fix", products: ["SUSE Linux Enterprise Server 15 SP5 > example"] },
    ],
    threats: [{ category: "impact", details: "low" }],
  },
  {
    cve: "CVE-2024-9004",
    status: { known_not_affected: ["SUSE Linux Enterprise Server 15 SP5 > libcurl4", `${basesystem} > libcurl4`] },
    threats: [{ category: "impact", details: "moderate" }],
  },
];

function secdb(secfixes: Readonly<Record<string, readonly string[]>>): string {
  return JSON.stringify({ apkurl: "", archs: ["x86_64"], packages: [{ pkg: { name: "curl", secfixes } }] });
}

/** Small files of those whose own may not be passed on, or that the corpus lacks. */
export const ownFiles: Readonly<Record<string, string | Uint8Array>> = {
  ...clusterAndPodFiles(),
  "https://packages.wolfi.dev/os/security.json": secdb({ "8.4.0-r0": ["CVE-2023-38545"], "0": ["CVE-2023-38546"] }),
  "https://packages.cgr.dev/chainguard/security.json": secdb({ "8.4.0-r1": ["CVE-2023-38545"] }),
  "https://gitlab.com/exploit-database/exploitdb/-/raw/main/files_exploits.csv":
    "id,file,description,date_published,author,platform,type,port,codes\n" +
    "51234,exploits/linux/51234.py,curl,2023-10-20,example,linux,remote,,CVE-2023-38545;OSVDB-1\n",
  "https://security.access.redhat.com/data/metrics/repository-to-cpe.json": JSON.stringify({
    data: {
      "rhel-9-for-x86_64-baseos-rpms": { cpes: ["cpe:/o:redhat:enterprise_linux:9::baseos"] },
      "rhel-9-for-x86_64-appstream-rpms": { cpes: ["cpe:/a:redhat:enterprise_linux:9::appstream"] },
      "rhel-9-for-x86_64-baseos-eus-rpms": { cpes: ["cpe:/o:redhat:rhel_eus:9.2::baseos"] },
      "rhel-9-for-x86_64-baseos-eus-rpms__9_DOT_2": { cpes: ["cpe:/o:redhat:rhel_eus:9.2::baseos"] },
      "rhel-8-for-x86_64-appstream-rpms": { cpes: ["cpe:/a:redhat:enterprise_linux:8::appstream"] },
    },
  }),
};

/** One record about a part of a cluster, one about a Swift package, and two pods of which one is made from that package. */
export function clusterAndPodFiles(): Readonly<Record<string, Uint8Array>> {
  const kubelet = {
    id: "CVE-2023-2431",
    modified: "2023-06-15T14:42:32Z",
    summary: "Bypass of seccomp profile enforcement",
    affected: [
      {
        package: { ecosystem: "kubernetes", name: "k8s.io/kubelet" },
        severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N" }],
        ranges: [{ type: "SEMVER", events: [{ introduced: "1.27.0" }, { fixed: "1.27.2" }] }],
      },
    ],
  };
  const swiftNio = {
    id: "GHSA-7fj7-39wj-c64f",
    modified: "2023-06-19T16:45:07Z",
    aliases: ["CVE-2022-3215"],
    affected: [
      {
        package: { ecosystem: "SwiftURL", name: "github.com/apple/swift-nio" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "2.41.0" }, { fixed: "2.42.0" }] }],
      },
    ],
    database_specific: { severity: "MODERATE" },
  };
  const specs = { _NIODataStructures: "apple/swift-nio", Alamofire: "Alamofire/Alamofire" };
  return {
    "https://github.com/kubernetes-sigs/cve-feed-osv/archive/refs/heads/main.tar.gz": gzipSync(
      tar([{ name: "cve-feed-osv-main/vulns/CVE-2023-2431.json", content: JSON.stringify(kubelet) }]),
    ),
    "https://storage.googleapis.com/osv-vulnerabilities/SwiftURL/all.zip": zip([
      { name: `${swiftNio.id}.json`, content: JSON.stringify(swiftNio) },
    ]),
    "https://github.com/CocoaPods/Specs/archive/refs/heads/master.tar.gz": gzipSync(
      tar(
        Object.entries(specs).map(([name, repository]) => ({
          name: `Specs-master/Specs/0/1/2/${name}/2.41.0/${name}.podspec.json`,
          content: JSON.stringify({ name, version: "2.41.0", source: { git: `https://github.com/${repository}.git` } }),
        })),
      ),
    ),
  };
}
