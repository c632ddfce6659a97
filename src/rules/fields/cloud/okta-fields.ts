import type { ByteString } from "../../../model/kernel-event.ts";
import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf, type Extracted, type FieldRow } from "../json/field-rows.ts";
import { type GeneralFieldOptions, row } from "../json/general-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { valueAt } from "../json/json-value.ts";
import { arrayAt, commonRows, type ReadText, type TextField, textAt, textRows } from "./cloud-rows.ts";
import { MfaHistory, type MfaOutcome } from "./mfa-history.ts";

const debug = (...keys: readonly string[]): readonly string[] => ["debugContext", "debugData", ...keys];
const principal = (member: string): readonly string[] => debug("originalPrincipal", member);
const place = (...keys: readonly string[]): readonly string[] => ["client", "geographicalContext", ...keys];

/** Texts that are empty where an event does not have them, as the plugin has them. */
const texts: readonly TextField[] = [
  ["okta.app", applicationOf, "The application, from the address that was asked for", "or missing"],
  ["okta.behaviors", debug("behaviors"), "What was unusual about it, as Okta rates it"],
  ["okta.org", () => undefined, "The Okta organization, which events do not contain: always missing", "or missing"],
  ["okta.evt.type", ["eventType"], "What happened, such as `user.session.start`"],
  ["okta.evt.legacytype", ["legacyEventType"], "What happened, by its older name"],
  ["okta.severity", ["severity"], "How severe it is: `DEBUG`, `INFO`, `WARN`, `ERROR`"],
  ["okta.message", ["displayMessage"], "What happened, in words"],
  ["okta.published", ["published"], "When it happened, as Okta writes it"],
  ["okta.logonlysecuritydata", debug("logOnlySecurityData"), "How risky Okta found the sign-on"],
  ["okta.actor.id", ["actor", "id"], "The id of who did it"],
  ["okta.actor.Type", ["actor", "type"], "The kind of who did it, such as `User`"],
  ["okta.actor.alternateid", ["actor", "alternateId"], "The other id of who did it, mostly an e-mail address"],
  ["okta.actor.name", ["actor", "displayName"], "The name of who did it"],
  ["okta.client.zone", ["client", "zone"], "The network zone of the client"],
  ["okta.client.ip", ["client", "ipAddress"], "The address of the client"],
  ["okta.client.device", ["client", "device"], "The kind of device of the client"],
  ["okta.client.id", ["client", "id"], "The id of the OAuth client"],
  ["okta.client.geo.city", place("city"), "Where the client is: the city"],
  ["okta.client.geo.state", place("state"), "Where the client is: the state"],
  ["okta.client.geo.country", place("country"), "Where the client is: the country"],
  ["okta.client.geo.postalcode", place("postalCode"), "Where the client is: the postal code"],
  ["okta.client.geo.lat", place("geolocation", "lat"), "Where the client is: the latitude", "or missing"],
  ["okta.client.geo.lon", place("geolocation", "lon"), "Where the client is: the longitude", "or missing"],
  ["okta.useragent.os", ["client", "userAgent", "os"], "The operating system of the client"],
  ["okta.useragent.browser", ["client", "userAgent", "browser"], "The browser of the client"],
  ["okta.useragent.raw", ["client", "userAgent", "rawUserAgent"], "The client, as it names itself"],
  ["okta.result", ["outcome", "result"], "How it ended: `SUCCESS`, `FAILURE`, `DENY`, …"],
  ["okta.reason", ["outcome", "reason"], "Why it ended so"],
  ["okta.transaction.id", ["transaction", "id"], "The id that the events of one request share"],
  ["okta.transaction.type", ["transaction", "type"], "The kind of request: `WEB` or `JOB`"],
  ["okta.requesturi", debug("requestUri"), "The address that was asked for"],
  ["okta.principal.id", principal("id"), "Of who stands behind the actor: the id"],
  ["okta.principal.alternateid", principal("alternateId"), "Of who stands behind the actor: the other id"],
  ["okta.principal.type", principal("type"), "Of who stands behind the actor: the kind"],
  ["okta.principal.name", principal("displayName"), "Of who stands behind the actor: the name"],
  [
    "okta.authentication.step",
    ["authenticationContext", "authenticationStep"],
    "The step of the authentication, from 0",
    "or missing",
  ],
  ["okta.authentication.sessionid", ["authenticationContext", "externalSessionId"], "The id of the session"],
  ["okta.authentication.provider", ["authenticationContext", "authenticationProvider"], "Who vouches for the user"],
  [
    "okta.authentication.credentialprovider",
    ["authenticationContext", "credentialProvider"],
    "Who vouches for the credential",
  ],
  ["okta.security.asorg", ["securityContext", "asOrg"], "Whose autonomous system the client is in"],
  ["okta.security.isp", ["securityContext", "isp"], "Who connects the client"],
  ["okta.security.domain", ["securityContext", "domain"], "The domain of the client"],
  ["okta.security.isproxy", ["securityContext", "isProxy"], "`true` when the client comes through a known proxy"],
  ["okta.target.user.id", target("User", "id"), "The last user that it is about: the id", "or missing"],
  [
    "okta.target.user.alternateid",
    target("User", "alternateId"),
    "The last user that it is about: the other id",
    "or missing",
  ],
  ["okta.target.user.name", target("User", "displayName"), "The last user that it is about: the name", "or missing"],
  ["okta.target.group.id", target("UserGroup", "id"), "The last group that it is about: the id", "or missing"],
  [
    "okta.target.group.alternateid",
    target("UserGroup", "alternateId"),
    "The last group that it is about: the other id",
    "or missing",
  ],
  [
    "okta.target.group.name",
    target("UserGroup", "displayName"),
    "The last group that it is about: the name",
    "or missing",
  ],
  [
    "okta.target.app.alternateid",
    target("AppInstance", "alternateId"),
    "The last application that it is about: the other id",
    "or missing",
  ],
];

/**
 * The fields of the source `okta`, entries of Okta's system log: `okta.*`, and those of any JSON. They follow the okta
 * plugin of Falco, save where it never gives what its documentation says. The counts of `okta.mfa.*` are over the
 * events of which any field was read, so that a catalogue serves one stream.
 */
export function oktaFields(options: GeneralFieldOptions = {}): FieldCatalogue<JsonRuleEvent> {
  const history = new MfaHistory();
  const rows: FieldRow[] = [
    ...commonRows("okta", { options }),
    ...textRows(texts, ""),
    systemNumberRow(),
    targetNamesRow(),
    countRow("failure", { history, description: "How often the user failed MFA in the last seconds" }),
    countRow("deny", { history, description: "How often the user denied an MFA push in the last seconds" }),
  ];
  return catalogueOf(rows.map((one) => noting(one, history)));
}

/** The same field, which shows the history the event before it is read. */
function noting(one: FieldRow, history: MfaHistory): FieldRow {
  return {
    ...one,
    bind(argument) {
      const read = one.bind(argument);
      return (event) => {
        history.see(event);
        return read(event);
      };
    },
  };
}

function applicationOf(value: unknown): ByteString | undefined {
  const address = textAt(value, ...debug("requestUri"));
  return address?.startsWith("/app/") ? address.split("/")[2] : undefined;
}

/** A member of the last target of a type; undefined without one. */
function target(type: string, member: string): ReadText {
  return (value) => {
    const found = arrayAt(value, "target").findLast((candidate) => textAt(candidate, "type") === type);
    return found === undefined ? undefined : (textAt(found, member) ?? "");
  };
}

function systemNumberRow(): FieldRow {
  const read = ({ value }: JsonRuleEvent): Extracted => {
    const number = valueAt(value, ["securityContext", "asNumber"]);
    return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
  };
  const description = "The number of the autonomous system that the client is in";
  return row("okta.security.asnumber", read, { description, type: "UINT64", format: "DEC" });
}

function targetNamesRow(): FieldRow {
  return {
    definition: {
      name: "okta.targets.displayName",
      group: "okta",
      type: "CHARBUF",
      format: "NA",
      description: "The names of all that it is about, as `(a,b)`, or the one of that index",
      argument: { isIndex: true },
    },
    bind:
      (index) =>
      ({ value }) => {
        const names = arrayAt(value, "target").map((one) => textAt(one, "displayName") ?? "");
        if (index !== undefined) return names[Number(index)];
        return names.length === 0 ? undefined : `(${names.join(",")})`;
      },
  };
}

function countRow(
  outcome: MfaOutcome,
  { history, description }: { readonly history: MfaHistory; readonly description: string },
): FieldRow {
  return {
    definition: {
      name: `okta.mfa.${outcome}.countlast`,
      group: "okta",
      type: "UINT64",
      format: "DEC",
      description,
      argument: { isRequired: true, isIndex: true },
    },
    bind(seconds = "0") {
      const window = BigInt(seconds);
      return (event) => history.count(event, outcome, window);
    },
  };
}
