import { PlimsollError } from "../../model/error.ts";
import { authorizationToken, describeRepositories } from "./amazon/ecr-api.ts";
import { type EcrHost, parseEcrHost } from "./amazon/ecr-host.ts";
import { findAwsCredentials } from "./amazon/find-aws-credentials.ts";
import type { CloudAccounts } from "./cloud-accounts.ts";
import { credentialNeeded, firstGiven, isAtOrBelow, listCatalog, textOf } from "./listing.ts";
import type { ListedPlace, MadeCredential, Vendor } from "./vendor.ts";

/**
 * Amazon ECR and ECR Public: passwords of twelve hours that an account at AWS is given, and lists from AWS's own
 * interface.
 *
 * Source: AWS's documentation, "Private registry authentication", "Registry authentication in Amazon ECR public".
 */
export const amazonEcr: Vendor = {
  id: "amazon-ecr",
  name: "Amazon ECR",
  isHost: (host) => parseEcrHost(host) !== undefined,
  async *list(place) {
    const host = parseEcrHost(place.registry);
    if (host?.service === "ecr-public") yield* listPublic(place, host);
    else if (host) yield* listPrivate(place, host);
  },
  credential: makeCredential,
  allowsAnonymousAccess: (registry) => parseEcrHost(registry)?.service === "ecr-public",
};

async function makeCredential(registry: string, accounts: CloudAccounts): Promise<MadeCredential | undefined> {
  const host = parseEcrHost(registry);
  const credentials = host && (await findAwsCredentials(accounts, host));
  return credentials && authorizationToken({ host, accounts, credentials });
}

/**
 * A password alone opens the catalogue, an account also AWS's interface. Without a password the catalogue tells what is
 * wrong with the account.
 */
async function* listPrivate(place: ListedPlace, host: EcrHost): AsyncGenerator<string> {
  const { accounts } = place.client;
  const credentials = accounts && (await findAwsCredentials(accounts, host).catch(nothingButCancelled));
  if (!credentials) {
    yield* listCatalog(place);
    return;
  }
  yield* firstGiven(
    async function* () {
      for await (const { repositoryName } of describeRepositories({ host, accounts, credentials }))
        yield textOf(repositoryName);
    },
    () => listCatalog(place),
  );
}

function nothingButCancelled(cause: unknown): undefined {
  if (!(cause instanceof PlimsollError) || cause.code === "cancelled") throw cause;
}

async function* listPublic(place: ListedPlace, host: EcrHost): AsyncGenerator<string> {
  const { client, registry, prefix } = place;
  const credentials = client.accounts && (await findAwsCredentials(client.accounts, host));
  if (!client.accounts || !credentials)
    throw credentialNeeded(
      place,
      "ECR Public lists only the repositories of your own AWS account: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or specify the images one by one.",
    );
  let found = false;
  for await (const { repositoryUri } of describeRepositories({ host, accounts: client.accounts, credentials })) {
    const name = textOf(repositoryUri).replace(/^public\.ecr\.aws\//, "");
    found ||= isAtOrBelow(name, prefix);
    yield name;
  }
  if (!found)
    throw new PlimsollError("image-not-found", `your AWS account has no repositories below ${registry}/${prefix}`, {
      hint: "ECR Public lists only the repositories of your own account; specify the images one by one.",
    });
}
