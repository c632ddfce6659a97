import { expect, test } from "vitest";
import { advisoryIndex } from "../../../../tests/setup/advisory-index.ts";
import type { ReleaseCycle } from "../../../model/findings/release-cycle.ts";
import type { Distribution } from "../../../model/packages/distribution.ts";
import type { Package } from "../../../model/packages/package.ts";
import { type SupportStatement, supportOf } from "./end-of-life.ts";

const bash: Package = { type: "deb", name: "bash", version: "1-1", purl: "", paths: [], layer: null };

function support(id: string, version: string, day: string, cycles: readonly ReleaseCycle[] = []): SupportStatement {
  const distribution: Distribution = { id, idLike: [], version, name: `${id} ${version}` };
  const product = id === "alpine" ? "alpine-linux" : id;
  const index = advisoryIndex(
    [],
    cycles.map((cycle) => ({ kind: "release-cycle", product, cycle })),
  );
  return supportOf([bash], { distribution, index, now: new Date(`${day}T12:00:00Z`) });
}

function code({ problems, limits }: SupportStatement): string {
  return problems[0]?.code ?? (limits.length > 0 ? "limit" : "supported");
}

test("a release whose support has ended is a problem that says since when and what to do", () => {
  expect(support("alpine", "3.10.2", "2021-08-25").problems).toEqual([
    {
      code: "end-of-life",
      message:
        "support for alpine 3.10.2 ended on 2021-05-01, so later vulnerabilities in its packages are unknown; upgrade to a supported release",
    },
  ]);
});

test.each([
  ["alpine", "3.10.2", "2021-05-01", "supported"],
  ["alpine", "3.10.2", "2021-05-02", "end-of-life"],
  ["alpine", "3.21.0_alpha20240807", "2036-01-01", "supported"],
  ["centos", "9", "2028-01-01", "end-of-life"],
  ["debian", "11", "2025-01-01", "supported"],
  ["debian", "10", "2025-01-01", "end-of-life"],
  ["ubuntu", "22.04", "2026-01-01", "supported"],
  ["ubuntu", "18.04", "2024-01-01", "limit"],
  ["ubuntu", "23.10", "2025-01-01", "end-of-life"],
  ["ubuntu", "14.04", "2026-01-01", "end-of-life"],
  ["rhel", "7.9", "2025-01-01", "limit"],
  ["rhel", "6.10", "2025-01-01", "end-of-life"],
  ["centos", "7", "2024-07-01", "end-of-life"],
  ["sles", "15.4", "2025-01-01", "limit"],
  ["amzn", "2018.03", "2024-01-01", "end-of-life"],
  ["amzn", "2023.6.20241010", "2026-01-01", "supported"],
  ["ol", "7.9", "2025-01-01", "end-of-life"],
  ["rocky", "8.9", "2026-01-01", "supported"],
  ["opensuse-leap", "15.5", "2025-01-01", "end-of-life"],
  ["photon", "3.0", "2026-01-01", "end-of-life"],
  ["sles", "16.0", "2026-01-01", "supported"],
  ["mariner", "2.0.20240425", "2026-01-01", "end-of-life"],
  ["azurelinux", "3.0", "2026-01-01", "supported"],
  ["wolfi", "20230201", "2036-01-01", "supported"],
  ["constructor", "1", "2036-01-01", "supported"],
])("%s %s on %s: %s", (id, version, day, expected) => {
  expect(code(support(id, version, day))).toBe(expected);
});

test("the dates of the database count before those that ship", () => {
  const cycle: ReleaseCycle = { cycle: "3.10", endOfLife: "2031-01-01" };
  expect(code(support("alpine", "3.10.2", "2030-01-01", [cycle]))).toBe("supported");
  expect(code(support("alpine", "3.10.2", "2020-01-01", [{ cycle: "3.10", endOfLife: true }]))).toBe("end-of-life");
});

test("nothing is said without a day or without packages of a distribution", () => {
  const distribution: Distribution = { id: "alpine", idLike: [], version: "3.3", name: "Alpine 3.3" };
  const index = advisoryIndex([]);
  expect(code(supportOf([bash], { distribution, index }))).toBe("supported");
  expect(code(supportOf([{ ...bash, type: "npm" }], { distribution, index, now: new Date() }))).toBe("supported");
});
