import { PlimsollError } from "../../../model/error.ts";
import type { CloudAccounts } from "../cloud-accounts.ts";

const byMode: Readonly<Record<string, string | undefined>> = {
  ipv4: "http://169.254.169.254/",
  ipv6: "http://[fd00:ec2::254]/",
};
const setting = "AWS_EC2_METADATA_SERVICE_ENDPOINT";

/**
 * The address of the instance metadata service: `AWS_EC2_METADATA_SERVICE_ENDPOINT`, which may name this machine or a
 * link-local address over HTTP, else the one of `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`, else that of IPv4.
 *
 * Errors: `usage` for another address or mode.
 */
export function metadataAddress(environment: CloudAccounts["environment"]): URL {
  const mode = environment[`${setting}_MODE`] || "IPv4";
  const text = environment[setting] || byMode[mode.toLowerCase()];
  if (text === undefined) {
    throw new PlimsollError("usage", `${setting}_MODE is neither IPv4 nor IPv6`, {
      hint: "Correct the variable, or unset it.",
    });
  }
  const url = URL.parse(text);
  if (url && mayBeAsked(url)) return url;
  throw new PlimsollError("usage", `the address in ${setting} is not allowed for credentials`, {
    hint: "Use an http address of this machine, 169.254.0.0/16 or fd00:ec2::254.",
  });
}

function mayBeAsked({ protocol, username, password, hostname }: URL): boolean {
  if (protocol !== "http:" || username !== "" || password !== "") return false;
  return (
    ["localhost", "[::1]", "[fd00:ec2::254]"].includes(hostname) ||
    /^127(?:\.\d+){3}$/.test(hostname) ||
    /^169\.254(?:\.\d+){2}$/.test(hostname)
  );
}
