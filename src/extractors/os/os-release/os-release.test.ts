import { describe, expect, test } from "vitest";
import { memoryFile } from "../../../io/bytes/memory-file.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import { describeExtractor } from "../../conformance.ts";
import { osRelease } from "./os-release.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const fedora = `NAME="Fedora Linux"
VERSION="42 (Container Image)"
ID=fedora
VERSION_ID=42
VERSION_CODENAME=""
PRETTY_NAME='Fedora Linux 42 (Container Image)'
# ID=comment
`;

describeExtractor(osRelease, [
  {
    path: "etc/os-release",
    bytes: bytes(
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n',
    ),
    expected: [
      {
        kind: "distribution",
        distribution: {
          id: "debian",
          idLike: [],
          version: "12",
          codename: "bookworm",
          name: "Debian GNU/Linux 12 (bookworm)",
        },
      },
    ],
  },
  {
    path: "usr/lib/os-release",
    bytes: bytes(fedora),
    expected: [
      {
        kind: "distribution",
        distribution: { id: "fedora", idLike: [], version: "42", name: "Fedora Linux 42 (Container Image)" },
      },
    ],
  },
  {
    path: "etc/redhat-release",
    bytes: bytes("CentOS release 6.9 (Final)\n"),
    expected: [
      {
        kind: "distribution",
        distribution: { id: "centos", idLike: [], version: "6.9", name: "CentOS release 6.9 (Final)" },
      },
    ],
  },
]);

function read(path: string, text: string): Distribution | undefined {
  const context = { signal: new AbortController().signal, problem: () => expect.fail("a problem") };
  const [first] = osRelease.extract(memoryFile(path, bytes(text)), context);
  return first?.kind === "distribution" ? first.distribution : undefined;
}

describe("a statement of the distribution", () => {
  test.each([
    [
      "etc/os-release",
      "ID=amzn\nVERSION_ID=2023\nID_LIKE='fedora RHEL'",
      { idLike: ["fedora", "rhel"], name: "amzn 2023" },
    ],
    ["etc/os-release", 'ID=a\nPRETTY_NAME="The \\"A\\" \\$1"', { id: "a", name: 'The "A" $1' }],
    ["etc/os-release", 'ID=Debian\r\nVERSION="8 (jessie)"\r\n', { id: "debian", codename: "jessie" }],
    ["etc/os-release", 'ID=ubuntu\nVERSION="14.04.5 LTS, Trusty Tahr"', { codename: "trusty" }],
    ["etc/os-release", "NAME=nothing", undefined],
    ["etc/os-release", "ID=a b/../c", undefined],
    [
      "etc/lsb-release",
      "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid",
      { id: "ubuntu", version: "10.04" },
    ],
    ["etc/lsb-release", "LSB_VERSION=base-4.0", undefined],
    ["etc/alpine-release", "3.15.4\n", { id: "alpine", version: "3.15.4" }],
    ["etc/alpine-release", "x\n", undefined],
    ["etc/debian_version", "9.8\n", { id: "debian", version: "9.8" }],
    ["etc/debian_version", "buster/sid\n", { id: "debian", codename: "buster" }],
    ["etc/system-release", "Amazon Linux AMI release 2018.03", { id: "amzn", version: "2018.03" }],
    ["etc/enterprise-release", "Enterprise Linux Enterprise Linux Server release 5.11 (Carthage)", { id: "ol" }],
    ["etc/redhat-release", "Red Hat Linux release 6.2 (Zoot)", undefined],
    ["etc/system-release-cpe", "cpe:/o:redhat:enterprise_linux:6:GA", { id: "rhel", version: "6" }],
    ["etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4", { version: "11.4" }],
    ["etc/SuSE-release", "openSUSE 13.2 (x86_64)\nVERSION = 13.2\nCODENAME = Harlequin", { id: "opensuse" }],
  ])("in %s: %j", (path, text, expected) => {
    if (expected === undefined) expect(read(path, text)).toBeUndefined();
    else expect(read(path, text)).toMatchObject(expected);
  });

  test("is believed in the standard files before all others", () => {
    expect(osRelease.files.slice(0, 2)).toEqual([{ path: "etc/os-release" }, { path: "usr/lib/os-release" }]);
  });
});
