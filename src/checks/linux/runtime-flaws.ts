import type { KnownFlaw } from "./affected-ranges.ts";

// A short list of this project's own, of flaws through which a container or an image gets at the host, or a user of the
// host becomes root. What ends at a container, or only stops a program, is not in it. Versions: the programs'
// advisories and the Go vulnerability database (CC-BY-4.0), as of August 2026.
const runc: readonly KnownFlaw[] = [
  { id: "CVE-2016-9962", affected: [["0", "1.0.0-rc3"]] },
  { id: "CVE-2019-5736", affected: [["0", "1.0.0-rc7"]] },
  { id: "CVE-2021-30465", affected: [["0", "1.0.0-rc95"]] },
  { id: "CVE-2023-28642", affected: [["0", "1.1.5"]] },
  { id: "CVE-2024-21626", affected: [["1.0.0-rc93", "1.1.12"]] },
  ...["CVE-2025-31133", "CVE-2025-52565", "CVE-2025-52881"].map(
    (id): KnownFlaw => ({
      id,
      affected: [
        [id === "CVE-2025-52565" ? "1.0.0-rc3" : "0", "1.2.8"],
        ["1.3.0-rc.1", "1.3.3"],
        ["1.4.0-rc.1", "1.4.0-rc.3"],
      ],
    }),
  ),
];

const containerd: readonly KnownFlaw[] = [
  {
    id: "CVE-2020-15257",
    affected: [
      ["0", "1.3.9"],
      ["1.4.0", "1.4.3"],
    ],
  },
  {
    id: "CVE-2021-41103",
    affected: [
      ["0", "1.4.11"],
      ["1.5.0", "1.5.7"],
    ],
  },
  { id: "CVE-2021-43816", affected: [["1.5.0", "1.5.9"]] },
  {
    id: "CVE-2022-23648",
    affected: [
      ["0", "1.4.13"],
      ["1.5.0", "1.5.10"],
      ["1.6.0", "1.6.1"],
    ],
  },
  {
    id: "CVE-2024-25621",
    affected: [
      ["0", "1.7.29"],
      ["2.0.0", "2.0.7"],
      ["2.1.0-beta.0", "2.1.5"],
      ["2.2.0-beta.0", "2.2.0"],
    ],
  },
  { id: "CVE-2025-47290", affected: [["2.1.0", "2.1.1"]] },
  {
    id: "CVE-2026-53488",
    affected: [
      ["1.7.0", "1.7.33"],
      ["2.0.0", "2.0.10"],
      ["2.1.0", "2.1.9"],
      ["2.2.0", "2.2.5"],
      ["2.3.0", "2.3.2"],
    ],
  },
];

const docker: readonly KnownFlaw[] = [
  { id: "CVE-2019-14271", affected: [["19.03.0", "19.03.1"]] },
  { id: "CVE-2021-41091", affected: [["0", "20.10.9"]] },
  {
    id: "CVE-2024-41110",
    affected: [
      ["19.03.0", "19.03.16"],
      ["20.10.0", "20.10.28"],
      ["23.0.0", "23.0.15"],
      ["24.0.0", "24.0.10"],
      ["25.0.0", "25.0.6"],
      ["26.0.0", "26.0.3"],
      ["26.1.0", "26.1.5"],
      ["27.0.0", "27.1.1"],
    ],
  },
  { id: "CVE-2026-34040", affected: [["0", "29.3.1"]] },
  { id: "CVE-2026-41567", affected: [["0", "29.5.1"]] },
  { id: "CVE-2026-42306", affected: [["0", "29.5.1"]] },
];

const crio: readonly KnownFlaw[] = [
  {
    id: "CVE-2022-0811",
    affected: [
      ["1.19.0", "1.19.6"],
      ["1.20.0", "1.20.7"],
      ["1.21.0", "1.21.6"],
      ["1.22.0", "1.22.3"],
      ["1.23.0", "1.23.2"],
    ],
  },
  {
    id: "CVE-2024-3154",
    affected: [
      ["0", "1.27.6"],
      ["1.28.0", "1.28.6"],
      ["1.29.0", "1.29.4"],
    ],
  },
  {
    id: "CVE-2024-5154",
    affected: [
      ["1.28.6", "1.28.7"],
      ["1.29.4", "1.29.5"],
      ["1.30.0", "1.30.1"],
    ],
  },
];

/** Known ways to the host by the name of the runtime; empty for a runtime that the list knows nothing about. */
export const runtimeFlaws: ReadonlyMap<string, readonly KnownFlaw[]> = new Map([
  ["runc", runc],
  ["containerd", containerd],
  ["docker", docker],
  ["cri-o", crio],
  ["crun", []],
  ["podman", []],
]);
