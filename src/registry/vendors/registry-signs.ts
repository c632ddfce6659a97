import { challengesOf, type RealmRules, realmOf } from "../authorization/challenge.ts";
import type { RegistryHost } from "../connection/registry-host.ts";
import type { RegistrySigns } from "./vendor.ts";

/** Asks a registry for `/v2/` without credentials, for what it shows of itself. Errors: those of a request. */
export async function signsOf(host: RegistryHost): Promise<RegistrySigns> {
  const answer = await host.look("/v2/");
  const challenges = challengesOf(answer.challenges);
  return {
    challenges,
    bearer: bearerOf(challenges, host.realmRules(answer.url.protocol === "http:")),
    header: (name) => answer.header(name) ?? "",
  };
}

function bearerOf(challenges: RegistrySigns["challenges"], rules: RealmRules): RegistrySigns["bearer"] {
  const challenge = challenges.find(({ scheme }) => scheme === "bearer");
  if (!challenge) return undefined;
  // Whether a private address may be asked is decided where it is: there the hosts are known that the user trusts.
  const realm = URL.parse(challenge.parameters.get("realm") ?? "");
  const checked = realm && realmOf(challenge, { ...rules, trustedHosts: [realm.host] });
  if (!checked || !("url" in checked)) return undefined;
  return { realm: checked.url, service: challenge.parameters.get("service") };
}
