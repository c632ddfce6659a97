import { parseEcrHost } from "../vendors/amazon/ecr-host.ts";

/** What hosts end with, by how the region begins; the first that fits counts. */
const domains: readonly (readonly [string, string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["us-iso-", "c2s.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["", "amazonaws.com"],
];

/** The registry of an account at Amazon in a region; undefined when one of them is none. */
export function ecrRegistry(account: string | undefined, region: string | undefined): string | undefined {
  if (account === undefined || region === undefined) return undefined;
  const [, domain = ""] = domains.find(([beginning]) => region.startsWith(beginning)) ?? [];
  const host = `${account}.dkr.ecr.${region}.${domain}`;
  return parseEcrHost(host) ? host : undefined;
}
