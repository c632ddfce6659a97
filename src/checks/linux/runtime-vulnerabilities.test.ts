import { describe, expect, test } from "vitest";
import { type RuntimeProgram, vulnerabilityObservations } from "./runtime-vulnerabilities.ts";

function seen(program: RuntimeProgram): { readonly state: string | undefined; readonly flaws: string[] } {
  const [observation] = vulnerabilityObservations([program]);
  const flaws = observation?.evidence.flatMap(({ subject }) => /affected by (CVE-\S+)/.exec(subject)?.[1] ?? []) ?? [];
  return { state: observation?.state, flaws };
}

describe("a version of a container runtime", () => {
  test.each([
    ["runc", "1.1.11", "fail"],
    ["runc", "1.2.7", "fail"],
    ["runc", "1.2.8", "pass"],
    ["runc", "1.3.0-rc.2", "fail"],
    ["runc", "1.3.3", "pass"],
    ["runc", "1.4.0-rc.2", "fail"],
    ["runc", "v1.4.0", "pass"],
    ["runc", "unknown", "warn"],
    ["containerd", "1.6.20", "fail"],
    ["containerd", "1.7.32", "fail"],
    ["containerd", "1.7.33", "pass"],
    ["containerd", "2.2.4", "fail"],
    ["containerd", "2.2.5", "pass"],
    ["docker", "29.5.0", "fail"],
    ["docker", "29.5.1", "pass"],
    ["cri-o", "1.29.3", "fail"],
    ["cri-o", "1.30.1", "pass"],
    ["crun", "1.8.1", "manual"],
    ["docker-init", "0.19.0", undefined],
  ])("%s %s is a %s", (name, version, state) => {
    expect(seen({ name, version }).state).toBe(state);
  });

  test.each([
    ["1.0.0-rc2", ["CVE-2016-9962", "CVE-2019-5736", "CVE-2021-30465"]],
    ["1.0.0-rc6", ["CVE-2019-5736", "CVE-2021-30465"]],
    ["1.0.0-rc10", ["CVE-2021-30465"]],
    ["1.0.0-rc92", ["CVE-2021-30465"]],
    ["1.0.0-rc93", ["CVE-2021-30465", "CVE-2024-21626"]],
    ["1.0.0-rc95", ["CVE-2024-21626"]],
    ["1.0.0~rc93+ds1", ["CVE-2021-30465", "CVE-2024-21626"]],
  ])("runc %s counts its candidates: %j", (version, old) => {
    const { flaws } = seen({ name: "runc", version });
    expect(flaws.filter((id) => !/-2023-|-2025-/.test(id))).toEqual(old);
  });

  test.each<RuntimeProgram>([
    { name: "runc", version: "1.1.5+ds1" },
    { name: "runc", version: "1.2.5-0ubuntu1~24.04.1" },
    { name: "containerd", version: "1.6.20~ds1" },
    { name: "docker", version: "20.10.24+dfsg1" },
    { name: "docker", version: "24.0.7", build: "24.0.7-0ubuntu4.1" },
    { name: "containerd", version: "1.7.12", origin: "the distribution (package containerd)" },
    { name: "runc", version: "1.1.12-2.el9" },
  ])(
    "of a distribution that is below the fixed one is a warning, since it may have the fix: $name $version",
    (program) => {
      expect(seen(program).state).toBe("warn");
      expect(vulnerabilityObservations([program])[0]?.reason).toMatch(/^(?:a|the) distribution/);
    },
  );

  test.each<RuntimeProgram>([
    { name: "runc", version: "1.3.3-0ubuntu1~24.04.3" },
    { name: "runc", version: "1.3.3+ds1" },
    { name: "containerd", version: "2.2.5~ds1" },
  ])("of a distribution at the fixed one passes: $name $version", (program) => {
    expect(seen(program).state).toBe("pass");
  });

  test.each([
    ["docker", "28.1.1", "4eba377"],
    ["runc", "1.2.5", "v1.2.5-0-g59923ef"],
    ["containerd", "1.7.27", "05044ec0a9a75232cad458027ca83437aae3f4da"],
  ])("of the publisher's own build is judged by its number: %s %s", (name, version, build) => {
    expect(seen({ name, version, build }).state).toBe("fail");
  });
});
