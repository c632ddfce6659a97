import type { CheckMapping } from "../model/checks/check.ts";

/** A recommendation of the CIS Kubernetes Benchmark; ids as of version 1.12. */
export function cis(id: string): CheckMapping {
  return { framework: "CIS Kubernetes Benchmark", version: "1.12", id };
}

/** A recommendation of the CIS Docker Benchmark; ids as of version 1.6. */
export function cisDocker(id: string): CheckMapping {
  return { framework: "CIS Docker Benchmark", version: "1.6", id };
}

/** A chapter of the Kubernetes Hardening Guidance of NSA and CISA. */
export function nsa(id: string): CheckMapping {
  return {
    framework: "NSA/CISA Kubernetes Hardening Guidance",
    version: "1.2",
    id,
  };
}

/** A level of the Kubernetes Pod Security Standards. */
export function podSecurity(level: "baseline" | "restricted"): CheckMapping {
  return { framework: "Pod Security Standards", id: level };
}

/** A technique of MITRE ATT&CK, containers matrix. */
export function mitre(id: string): CheckMapping {
  return { framework: "MITRE ATT&CK", id };
}

/** A weakness of the Common Weakness Enumeration, by its number. */
export function cwe(number: string): CheckMapping {
  return { framework: "CWE", id: `CWE-${number}` };
}
