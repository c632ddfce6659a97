/** A registry of Amazon ECR, and where its interface is. */
export interface EcrHost {
  /** The host of the service's interface. */
  readonly api: string;
  readonly region: string;
  /** The name of the service in signatures. */
  readonly service: "ecr" | "ecr-public";
  /** The host of the service that lends credentials, in the same region. */
  readonly sts: string;
  /** The account that the registry belongs to; undefined for ECR Public. */
  readonly account: string | undefined;
}

const host =
  /^([0-9]{12})\.dkr[.-]ecr(-fips)?\.([a-z]{2,4}(?:-[a-z]+)+-[0-9]{1,2})\.(amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov|on\.aws|on\.amazonwebservices\.com\.cn)$/;

/** What a private registry's host behind IPv6 ends with, and what others of its region do. */
const dualStack: Readonly<Record<string, { readonly api: string; readonly plain: string } | undefined>> = {
  "on.aws": { api: "api.aws", plain: "amazonaws.com" },
  "on.amazonwebservices.com.cn": { api: "api.amazonwebservices.com.cn", plain: "amazonaws.com.cn" },
};

/** ECR Public, whose interface is in one region alone. */
const ecrPublic: EcrHost = {
  api: "api.ecr-public.us-east-1.amazonaws.com",
  sts: "sts.us-east-1.amazonaws.com",
  region: "us-east-1",
  service: "ecr-public",
  account: undefined,
};

/**
 * What the host of a registry says of it: `ACCOUNT.dkr.ecr[-fips].REGION.amazonaws.com` and its kin, `public.ecr.aws`.
 * Undefined for a host that is not Amazon's.
 *
 * Source: AWS's documentation, "Amazon ECR endpoints and quotas", "Making requests to Amazon ECR registries".
 */
export function parseEcrHost(registry: string): EcrHost | undefined {
  if (registry === "public.ecr.aws") return ecrPublic;
  const [, account, fips, region, domain] = host.exec(registry) ?? [];
  if (account === undefined || region === undefined || domain === undefined) return undefined;
  const ipv6 = dualStack[domain];
  const prefix = fips === undefined ? (ipv6 === undefined ? "api.ecr" : "ecr") : "ecr-fips";
  return {
    api: `${prefix}.${region}.${ipv6?.api ?? domain}`,
    sts: `sts.${region}.${ipv6?.plain ?? domain}`,
    region,
    service: "ecr",
    account,
  };
}
