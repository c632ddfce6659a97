import type { JudgedWorkload, ReferenceFinding, WorkloadReport } from "../../../model/images/workload.ts";
import { counted } from "../../../model/text/counted.ts";
import { severities } from "../../package-groups.ts";
import { artifactUri } from "./artifact-uri.ts";
import { type Candidate, shortened } from "./build-run.ts";
import type { SarifLocation } from "./sarif-log.ts";

/** Workloads whose images have findings, and images that are named in a way that may mean another image tomorrow. */
export function workloadResults({ workloads, findings }: WorkloadReport): Candidate[] {
  return [...workloads.flatMap(imageResult), ...findings.map(referenceResult)];
}

function imageResult({ engine, place = "", name, image, scan }: JudgedWorkload): Candidate[] {
  const counts = severities.flatMap((severity) => {
    const number = scan?.findings[severity] ?? 0;
    return number > 0 ? [{ severity, number }] : [];
  });
  const [worst] = counts;
  if (!worst) return [];
  const text = counts.map(({ severity, number }) => `${number} ${severity}`).join(", ");
  const total = counts.reduce((sum, { number }) => sum + number, 0);
  return [
    {
      severity: worst.severity,
      build: () => ({
        rule: {
          id: "workload/vulnerable-image",
          shortDescription: { text: "A running image has known vulnerabilities" },
          help: {
            text: "Scan the image for its findings and their fixes, then deploy a rebuilt image: plimsoll scan IMAGE",
          },
        },
        tags: ["workload"],
        message: `${engine} ${name} runs ${image}: ${counted(total, "finding")} (${text})`,
        location: locationOf(image, `${engine} ${name}`),
        identity: ["workload", engine, place, name, image],
      }),
    },
  ];
}

const referenceTitles = {
  latest: "An image is named by the tag latest, which may mean another image tomorrow",
  "no-digest": "An image is named by a tag without a digest, which may mean another image tomorrow",
} as const;

function referenceResult({ id, severity, image, pin, workloads }: ReferenceFinding): Candidate {
  const users = workloads.slice(0, 10).join(", ");
  return {
    severity,
    build: () => ({
      rule: {
        id: `reference/${id}`,
        shortDescription: { text: referenceTitles[id] },
        help: { text: "Name the image with its digest: NAME@sha256:…" },
      },
      tags: ["reference"],
      message: `${image} is used by ${users}${pin === undefined ? "" : `; to run the same image again, write ${pin}`}`,
      location: locationOf(image, image),
      identity: ["reference", id, image],
    }),
  };
}

function locationOf(image: string, name: string): SarifLocation {
  return {
    physicalLocation: { artifactLocation: { uri: artifactUri(image) }, region: { startLine: 1 } },
    logicalLocations: [{ fullyQualifiedName: shortened(name) }],
  };
}
