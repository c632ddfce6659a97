import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { dockerCheck, imageCheck, judged, type Look, manualCheck } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";
import { isRoot } from "./is-root.ts";

/** Images in the engine, as the engine API reports them. */
export const imageChecks: readonly Check<DockerFacts>[] = [
  imageCheck(
    "image-user",
    {
      title: { pass: "Image does not run as root by default", fail: "Image runs as root by default" },
      severity: "high",
      why: "A process that runs as root can escape its container more easily.",
      remediation: "Create a user in the Dockerfile, and set it with USER at the end.",
      cis: ["4.1"],
    },
    ({ user }) => judged(!isRoot(user), "image user", user || "not set (root)", "a non-root user"),
  ),
  manualCheck(
    "image-base-trusted",
    {
      title: { pass: "Base images come from trusted publishers", fail: "Base images come from untrusted publishers" },
      severity: "medium",
      why: "Everything in the base image runs in the container.",
      remediation: "Use images from known publishers, pinned by digest, and verify their signatures.",
      cis: ["4.2"],
    },
    "review the publishers; plimsoll verify checks signatures",
  ),
  manualCheck(
    "image-minimal",
    {
      title: {
        pass: "Images contain only packages that the workload needs",
        fail: "Images contain packages that the workload does not need",
      },
      severity: "low",
      why: "An attacker cannot use a program that is not in the image.",
      remediation: "Start from a small base image, and copy only what the program needs into the last stage.",
      cis: ["4.3"],
    },
    "review which packages the workload needs; plimsoll scan lists the installed packages",
  ),
  manualCheck(
    "image-rebuilt",
    {
      title: {
        pass: "Images are scanned and rebuilt when fixes are available",
        fail: "Images are not scanned or not rebuilt when fixes are available",
      },
      severity: "medium",
      why: "An image keeps the vulnerabilities of the day on which it was built.",
      remediation:
        "Scan every image with plimsoll scan, and rebuild it from an updated base image when fixes are available.",
      cis: ["4.4"],
    },
    "the engine does not report vulnerabilities; plimsoll scan finds them",
  ),
  dockerCheck(
    "content-trust",
    {
      title: {
        pass: "Docker client verifies image signatures",
        fail: "Docker client does not verify image signatures",
      },
      severity: "medium",
      why: "A tag can be moved to another image; a signature cannot.",
      remediation: "Set DOCKER_CONTENT_TRUST=1, or admit only images with verified signatures.",
      cis: ["4.5"],
    },
    {
      needs: [],
      evaluate({ contentTrust }) {
        if ("unavailable" in contentTrust) return [{ state: "warn", evidence: [], reason: contentTrust.unavailable }];
        return [judged(contentTrust.value, "DOCKER_CONTENT_TRUST", contentTrust.value ? "1" : "not set", "1")];
      },
    },
  ),
  imageCheck(
    "image-health-check",
    {
      title: { pass: "Image has a health check", fail: "Image has no health check" },
      severity: "low",
      why: "Without a health check, the engine does not notice that a program hangs.",
      remediation: "Add HEALTHCHECK to the Dockerfile.",
      cis: ["4.6"],
    },
    ({ healthCheck }) => judged(healthCheck, "health check", healthCheck ? "defined" : "none", "defined"),
  ),
  imageCheck(
    "image-update-alone",
    {
      title: {
        pass: "Image updates package lists only together with an install",
        fail: "Image updates package lists in a separate step",
      },
      severity: "low",
      why: "The separate step stays in the build cache, so later builds install outdated packages.",
      remediation: "Update the package lists and install packages in one RUN instruction.",
      cis: ["4.7"],
    },
    ({ history }) => {
      if ("unavailable" in history) return { state: "warn", evidence: [], reason: history.unavailable };
      return fromSteps(history.value.filter(onlyUpdates), "update and install in one step");
    },
  ),
  manualCheck(
    "image-set-uid",
    {
      title: {
        pass: "Images contain no unnecessary set-uid programs",
        fail: "Images contain unnecessary set-uid programs",
      },
      severity: "medium",
      why: "Set-uid programs can turn any user of the container into root.",
      remediation: "Remove the bits in the Dockerfile: chmod a-s FILE.",
      cis: ["4.8"],
    },
    "the engine does not list the files of an image; plimsoll check image finds set-uid programs",
  ),
  imageCheck(
    "image-add",
    {
      title: { pass: "Image is built without ADD", fail: "Image is built with ADD" },
      severity: "low",
      why: "ADD also downloads URLs and unpacks archives, which can be unintended.",
      remediation: "Use COPY in the Dockerfile; download and verify remote files in a separate step.",
      cis: ["4.9"],
    },
    ({ history }) => {
      if ("unavailable" in history) return { state: "warn", evidence: [], reason: history.unavailable };
      // The oldest step of most base images adds the root file system; only ADD can do that.
      const base = history.value.at(-1);
      const steps = history.value.filter(
        (step) => isAdd(step) && !(step === base && / in \/\s*$|\s\/\s*(?:#.*)?$/.test(step)),
      );
      return fromSteps(steps, "no ADD");
    },
  ),
  imageCheck(
    "image-secrets",
    {
      title: {
        pass: "Image has no secrets in environment variables",
        fail: "Image has secrets in environment variables",
      },
      severity: "high",
      why: "Everyone who can pull the image can read its environment variables.",
      remediation: "Pass secrets to the container at run time, or to a build step with RUN --mount=type=secret.",
      cis: ["4.10"],
    },
    ({ environment }) => {
      const secrets = environment.filter(({ secret }) => secret);
      if (secrets.length === 0)
        return { state: "pass", evidence: [evidence("environment variables that look like secrets", "none")] };
      return {
        state: "fail",
        evidence: secrets.map(({ name, shape }) => evidence(`variable ${name}`, shape, "no secret")),
      };
    },
  ),
  manualCheck(
    "image-packages-verified",
    {
      title: {
        pass: "Packages in images come from verified sources",
        fail: "Packages in images come from unverified sources",
      },
      severity: "medium",
      why: "A package that was replaced in transit runs in every container of the image.",
      remediation: "Install from signed repositories, and never disable signature verification.",
      cis: ["4.11"],
    },
    "an image does not record how its packages were verified; plimsoll check dockerfile finds disabled verification",
  ),
  manualCheck(
    "image-artifacts-signed",
    {
      title: {
        pass: "Artifacts in images are signed and verified",
        fail: "Artifacts in images are not signed or not verified",
      },
      severity: "medium",
      why: "A compromised server can replace a download.",
      remediation: "Verify a signature or digest of every download in the Dockerfile.",
      cis: ["4.12"],
    },
    "an image does not record the origin of its files",
  ),
];

function fromSteps(steps: readonly string[], expected: string): Look {
  if (steps.length === 0) return { state: "pass", evidence: [evidence("matching build steps", "none", expected)] };
  return { state: "fail", evidence: steps.map((step) => evidence("build step", step, expected)) };
}

function onlyUpdates(step: string): boolean {
  const command = step.replace(/^.*?\/bin\/(?:ba|da)?sh -c /s, "").replace(/#.*/s, "");
  const updates =
    /\b(?:apt-get|apt|apk|yum|dnf|microdnf|zypper)\b[^&;|]{0,200}\b(?:update|check-update|makecache|refresh)\b/.test(
      command,
    );
  return updates && !/\b(?:install|add|upgrade|dist-upgrade|in)\b/.test(command);
}

function isAdd(step: string): boolean {
  return /^(?:\/bin\/sh -c #\(nop\)\s+)?ADD\s/.test(step);
}
