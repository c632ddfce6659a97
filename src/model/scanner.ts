/** What a scan can look for, in the order of the documentation. */
export const scanners = ["vulnerabilities", "secrets", "malware"] as const;

/** One thing that a scan can look for. */
export type Scanner = (typeof scanners)[number];
