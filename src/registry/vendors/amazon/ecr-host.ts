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

/** The interfaces of ECR Public, in one region alone, by the registry's host; the second is behind IPv6 too. */
const ecrPublic: Readonly<Record<string, string | undefined>> = {
  "public.ecr.aws": "api.ecr-public.us-east-1.amazonaws.com",
  "ecr-public.aws.com": "ecr-public.us-east-1.api.aws",
};

/**
 * What the host of a registry says of it: `ACCOUNT.dkr.ecr[-fips].REGION.amazonaws.com` and its kin, `public.ecr.aws`,
 * `ecr-public.aws.com`. Undefined for a host that is not Amazon's.
 *
 * Source: AWS's documentation, "Amazon ECR endpoints and quotas", "Making requests to Amazon ECR registries", "Making
 * requests to Amazon ECR Public registries".
 */
export function parseEcrHost(registry: string): EcrHost | undefined {
  const open = Object.hasOwn(ecrPublic, registry) ? ecrPublic[registry] : undefined;
  if (open !== undefined) {
    const region = "us-east-1";
    return { api: open, sts: `sts.${region}.amazonaws.com`, region, service: "ecr-public", account: undefined };
  }
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
