import { expect, test } from "vitest";
import { kubernetesVersion } from "./kubernetes-version.ts";

test.each([
  ["1.27.0", "1.27.0"],
  ["v1.27.0", "1.27.0"],
  ["1.24.10-gke.2300", "1.24.10"],
  ["v1.27.3-eks-a5565ad", "1.27.3"],
  ["v1.28.2+k3s1", "1.28.2"],
  ["v1.28.2+rke2r1", "1.28.2"],
  ["1.30.0-rc.1", "1.30.0-rc.1"],
  ["v1.30.0-alpha.3.5+0123456789abcd", "v1.30.0-alpha.3.5+0123456789abcd"],
  ["1.27", "1.27"],
  ["unknown", "unknown"],
])("%s is judged as %s", (version, upstream) => {
  expect(kubernetesVersion(version)).toBe(upstream);
});
