import { expect, test } from "vitest";
import { coversRelease, ecosystemsOfRelease } from "./release-scope.ts";

test.each([
  ["Debian:12", "Debian:12", true],
  ["Debian:11", "Debian:12", false],
  ["Debian", "Debian:12", true],
  ["Ubuntu:22.04:LTS", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:22.04", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:Pro:22.04:LTS", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:Pro:FIPS-updates:22.04:LTS", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:Pro:20.04:LTS", "Ubuntu:22.04:LTS", false],
  ["Ubuntu:Pro:22.04:LTS:Realtime:Kernel", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:24.04:LTS:Realtime:Kernel", "Ubuntu:24.04:LTS", true],
  ["Ubuntu:Pro:Realtime:24.04:LTS", "Ubuntu:24.04:LTS", true],
  ["Ubuntu:Pro:FIPS:20.04:LTS", "Ubuntu:20.04:LTS", true],
  ["Ubuntu:Pro:FIPS-preview:22.04:LTS", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:Pro:Something-else:22.04:LTS", "Ubuntu:22.04:LTS", false],
  ["Ubuntu:Touch:22.04:LTS", "Ubuntu:22.04:LTS", false],
  ["Ubuntu:22.04:LTS:for:NVIDIA:BlueField", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:Nvidia-BlueField:22.04:LTS", "Ubuntu:22.04:LTS", true],
  ["Ubuntu:Pro:22.04:LTS:Realtime:Kernel", "Ubuntu:24.04:LTS", false],
  ["Ubuntu:Nvidia-BlueField:22.04:LTS", "Ubuntu:24.04:LTS", false],
  ["Alpine:v3.1", "Alpine:v3.19", false],
  ["AlmaLinux:9", "AlmaLinux:9", true],
  ["Rocky Linux:9.2", "Rocky Linux:9", true],
  ["Red Hat:enterprise_linux:9::baseos", "Red Hat:enterprise_linux:9", true],
  ["Red Hat:rhel_eus:9.2::baseos", "Red Hat:enterprise_linux:9", false],
  ["Red Hat:enterprise_linux:7::server", "Red Hat:enterprise_linux:7", true],
  ["Red Hat:enterprise_linux:10.1", "Red Hat:enterprise_linux:10", true],
  ["Red Hat:enterprise_linux_eus:10.0", "Red Hat:enterprise_linux:10", false],
  ["Red Hat:enterprise_linux:10.1", "Red Hat:enterprise_linux:1", false],
  ["Red Hat:openshift:4.14::el9", "Red Hat:enterprise_linux:9", false],
  ["SUSE:Linux Enterprise Module for Basesystem 15 SP5", "SUSE:Linux Enterprise Server 15 SP5", true],
  ["SUSE:Linux Enterprise Server 15 SP5-LTSS", "SUSE:Linux Enterprise Server 15 SP5", true],
  ["SUSE:Linux Enterprise Server 15 SP4-LTSS", "SUSE:Linux Enterprise Server 15 SP5", false],
  ["SUSE:Linux Enterprise Server 12 SP5-LTSS Extended Security", "SUSE:Linux Enterprise Server 12 SP5", true],
  ["SUSE:Linux Enterprise Module for Python 3 15 SP5", "SUSE:Linux Enterprise Server 15 SP5", true],
  ["SUSE:Linux Enterprise Module for Python 3 15 SP4", "SUSE:Linux Enterprise Server 15 SP5", false],
  ["SUSE:Linux Enterprise Module for Web and Scripting 12", "SUSE:Linux Enterprise Server 12 SP5", true],
  ["SUSE:Linux Enterprise Module for Web and Scripting 12", "SUSE:Linux Enterprise Server 15 SP5", false],
  ["SUSE:Linux Enterprise Software Development Kit 12 SP5", "SUSE:Linux Enterprise Server 12 SP5", true],
  ["SUSE:Package Hub 15 SP5", "SUSE:Linux Enterprise Server 15 SP5", true],
  ["SUSE:Linux Enterprise High Availability Extension 16.0", "SUSE:Linux Enterprise Server 16.0", true],
  ["SUSE:Linux Enterprise Server 16.1", "SUSE:Linux Enterprise Server 16.0", false],
  ["SUSE:Linux Enterprise Real Time 15 SP5", "SUSE:Linux Enterprise Server 15 SP5", false],
  ["Maven:https://maven.google.com", "Maven", true],
  ["npm", "PyPI", false],
])("a record for %s covers %s: %s", (theirs, ours, expected) => {
  expect(coversRelease(theirs, ours)).toBe(expected);
});

test("a release is known by what its records are filed under", () => {
  expect(ecosystemsOfRelease("SUSE:Linux Enterprise Server 15 SP5")).toContain(
    "SUSE:Linux Enterprise Module for Basesystem 15 SP5",
  );
  expect(ecosystemsOfRelease("Red Hat:enterprise_linux:9")).toContain("Red Hat:enterprise_linux:9::baseos");
  expect(ecosystemsOfRelease("Red Hat:enterprise_linux:7")).toContain("Red Hat:enterprise_linux:7::server");
  expect(ecosystemsOfRelease("Red Hat:enterprise_linux:10")).toContain("Red Hat:enterprise_linux:10.0");
});
