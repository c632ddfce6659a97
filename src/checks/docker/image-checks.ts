import type { Check } from "../check.ts";
import { evidence } from "../evidence.ts";
import { dockerCheck, imageCheck, judged, type Look, manualCheck } from "./docker-check.ts";
import type { DockerFacts } from "./docker-facts.ts";
import { isRoot } from "./is-root.ts";

/** What the images in the engine are like, as far as the engine can tell. */
export const imageChecks: readonly Check<DockerFacts>[] = [
  imageCheck(
    "image-user",
    {
      title: "The image names a user other than root",
      severity: "high",
      why: "A process that is root in its container has the most ways out of it.",
      remediation: "Create a user in the Dockerfile and end it with USER.",
      cis: ["4.1"],
    },
    ({ user }) => judged(!isRoot(user), "user of the image", user || "not set (root)", "a user other than root"),
  ),
  manualCheck(
    "image-base-trusted",
    {
      title: "Base images come from publishers that are trusted",
      severity: "medium",
      why: "Everything in the base runs in the container.",
      remediation: "Use images whose publisher is known, by digest, and verify their signatures.",
      cis: ["4.2"],
    },
    "whom to trust, only a person can tell; plimsoll verify looks at signatures",
  ),
  manualCheck(
    "image-minimal",
    {
      title: "Images hold no packages that the workload does not need",
      severity: "low",
      why: "What is not there cannot be used by whoever gets in.",
      remediation: "Start from a small base, and copy only what the program needs into the last stage.",
      cis: ["4.3"],
    },
    "what the workload needs, only a person can tell; plimsoll scan lists what is there",
  ),
  manualCheck(
    "image-rebuilt",
    {
      title: "Images are scanned, and rebuilt when fixes come out",
      severity: "medium",
      why: "An image keeps the flaws of the day on which it was built.",
      remediation: "Scan every image with plimsoll scan, and build it again from a new base when it has fixes.",
      cis: ["4.4"],
    },
    "the engine does not know about flaws; plimsoll scan does",
  ),
  dockerCheck(
    "content-trust",
    {
      title: "Docker's client verifies signatures of images",
      severity: "medium",
      why: "A tag can be moved to another image; a signature cannot.",
      remediation: "Set DOCKER_CONTENT_TRUST=1, or admit only images whose signature was verified.",
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
      title: "The image has a health check",
      severity: "low",
      why: "Without one, the engine takes a program that hangs for one that works.",
      remediation: "Add HEALTHCHECK to the Dockerfile.",
      cis: ["4.6"],
    },
    ({ healthCheck }) => judged(healthCheck, "health check of the image", healthCheck ? "there" : "none", "there"),
  ),
  imageCheck(
    "image-update-alone",
    {
      title: "No build step only fetches the list of packages",
      severity: "low",
      why: "The step stays in the cache, and later builds install from an old list.",
      remediation: "Fetch the list and install in one step.",
      cis: ["4.7"],
    },
    ({ history }) => {
      if ("unavailable" in history) return { state: "warn", evidence: [], reason: history.unavailable };
      return fromSteps(history.value.filter(onlyUpdates), "no update of the list in a step of its own");
    },
  ),
  manualCheck(
    "image-set-uid",
    {
      title: "Images hold no set-uid programs beyond need",
      severity: "medium",
      why: "They make root of any user in the container.",
      remediation: "Remove the bits in the Dockerfile: chmod a-s FILE.",
      cis: ["4.8"],
    },
    "the engine does not show what is in an image; plimsoll check image does",
  ),
  imageCheck(
    "image-add",
    {
      title: "Files are copied into the image, not added",
      severity: "low",
      why: "ADD also fetches addresses and unpacks archives, which nobody may have meant.",
      remediation: "Use COPY in the Dockerfile; fetch and verify files from addresses in a step of their own.",
      cis: ["4.9"],
    },
    ({ history }) => {
      if ("unavailable" in history) return { state: "warn", evidence: [], reason: history.unavailable };
      // The oldest step of nearly every base adds its whole file system, for which there is no other way.
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
      title: "The image's variables hold no secrets",
      severity: "high",
      why: "Everybody who can pull the image can read them.",
      remediation: "Give secrets to the container when it runs, or to a build step with RUN --mount=type=secret.",
      cis: ["4.10"],
    },
    ({ environment }) => {
      const secrets = environment.filter(({ secret }) => secret);
      if (secrets.length === 0) return { state: "pass", evidence: [evidence("variables like secrets", "none")] };
      return {
        state: "fail",
        evidence: secrets.map(({ name, shape }) => evidence(`variable ${name}`, shape, "no secret")),
      };
    },
  ),
  manualCheck(
    "image-packages-verified",
    {
      title: "Only packages whose origin was verified are installed",
      severity: "medium",
      why: "A package that was replaced on its way runs in every container of the image.",
      remediation: "Install from signed repositories, and never switch their verification off.",
      cis: ["4.11"],
    },
    "an image does not tell how its packages were verified; plimsoll check dockerfile finds switched-off checks",
  ),
  manualCheck(
    "image-artifacts-signed",
    {
      title: "Artefacts that go into images are signed, and verified",
      severity: "medium",
      why: "A download can be replaced by whoever holds its server.",
      remediation: "Verify a signature or a digest of every download in the Dockerfile.",
      cis: ["4.12"],
    },
    "an image does not tell where its files came from",
  ),
];

function fromSteps(steps: readonly string[], expected: string): Look {
  if (steps.length === 0)
    return { state: "pass", evidence: [evidence("steps of the build", "none of this kind", expected)] };
  return { state: "fail", evidence: steps.map((step) => evidence("step of the build", step, expected)) };
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
