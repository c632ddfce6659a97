import type { ByteString } from "../../../model/events/kernel-event.ts";
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
  ["okta.app", applicationOf, "Application, from the requested URI", "or missing"],
  ["okta.behaviors", debug("behaviors"), "Behavior evaluation by Okta"],
  ["okta.org", () => undefined, "Okta organization; always missing, because events do not contain it", "or missing"],
  ["okta.evt.type", ["eventType"], "Event type, such as `user.session.start`"],
  ["okta.evt.legacytype", ["legacyEventType"], "Legacy event type"],
  ["okta.severity", ["severity"], "Severity: `DEBUG`, `INFO`, `WARN`, `ERROR`"],
  ["okta.message", ["displayMessage"], "Message of the event"],
  ["okta.published", ["published"], "Time of the event, in the format of Okta"],
  ["okta.logonlysecuritydata", debug("logOnlySecurityData"), "Risk assessment of the sign-on by Okta"],
  ["okta.actor.id", ["actor", "id"], "ID of the actor"],
  ["okta.actor.Type", ["actor", "type"], "Type of the actor, such as `User`"],
  ["okta.actor.alternateid", ["actor", "alternateId"], "Alternate ID of the actor, usually an email address"],
  ["okta.actor.name", ["actor", "displayName"], "Name of the actor"],
  ["okta.client.zone", ["client", "zone"], "Network zone of the client"],
  ["okta.client.ip", ["client", "ipAddress"], "Address of the client"],
  ["okta.client.device", ["client", "device"], "Device type of the client"],
  ["okta.client.id", ["client", "id"], "ID of the OAuth client"],
  ["okta.client.geo.city", place("city"), "City of the client"],
  ["okta.client.geo.state", place("state"), "State of the client"],
  ["okta.client.geo.country", place("country"), "Country of the client"],
  ["okta.client.geo.postalcode", place("postalCode"), "Postal code of the client"],
  ["okta.client.geo.lat", place("geolocation", "lat"), "Latitude of the client", "or missing"],
  ["okta.client.geo.lon", place("geolocation", "lon"), "Longitude of the client", "or missing"],
  ["okta.useragent.os", ["client", "userAgent", "os"], "Operating system of the client"],
  ["okta.useragent.browser", ["client", "userAgent", "browser"], "Browser of the client"],
  ["okta.useragent.raw", ["client", "userAgent", "rawUserAgent"], "User agent of the client"],
  ["okta.result", ["outcome", "result"], "Result: `SUCCESS`, `FAILURE`, `DENY`, …"],
  ["okta.reason", ["outcome", "reason"], "Reason for the result"],
  ["okta.transaction.id", ["transaction", "id"], "Transaction ID, shared by the events of one request"],
  ["okta.transaction.type", ["transaction", "type"], "Transaction type: `WEB` or `JOB`"],
  ["okta.requesturi", debug("requestUri"), "Requested URI"],
  ["okta.principal.id", principal("id"), "ID of the original principal"],
  ["okta.principal.alternateid", principal("alternateId"), "Alternate ID of the original principal"],
  ["okta.principal.type", principal("type"), "Type of the original principal"],
  ["okta.principal.name", principal("displayName"), "Name of the original principal"],
  [
    "okta.authentication.step",
    ["authenticationContext", "authenticationStep"],
    "Step of the authentication, from 0",
    "or missing",
  ],
  ["okta.authentication.sessionid", ["authenticationContext", "externalSessionId"], "ID of the session"],
  ["okta.authentication.provider", ["authenticationContext", "authenticationProvider"], "Authentication provider"],
  ["okta.authentication.credentialprovider", ["authenticationContext", "credentialProvider"], "Credential provider"],
  ["okta.security.asorg", ["securityContext", "asOrg"], "Organization of the client's autonomous system"],
  ["okta.security.isp", ["securityContext", "isp"], "Internet service provider of the client"],
  ["okta.security.domain", ["securityContext", "domain"], "Domain of the client"],
  ["okta.security.isproxy", ["securityContext", "isProxy"], "`true` if the client connects through a known proxy"],
  ["okta.target.user.id", target("User", "id"), "ID of the last target user", "or missing"],
  ["okta.target.user.alternateid", target("User", "alternateId"), "Alternate ID of the last target user", "or missing"],
  ["okta.target.user.name", target("User", "displayName"), "Name of the last target user", "or missing"],
  ["okta.target.group.id", target("UserGroup", "id"), "ID of the last target group", "or missing"],
  [
    "okta.target.group.alternateid",
    target("UserGroup", "alternateId"),
    "Alternate ID of the last target group",
    "or missing",
  ],
  ["okta.target.group.name", target("UserGroup", "displayName"), "Name of the last target group", "or missing"],
  [
    "okta.target.app.alternateid",
    target("AppInstance", "alternateId"),
    "Alternate ID of the last target application",
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
    countRow("failure", { history, description: "Number of MFA failures of the user in the given number of seconds" }),
    countRow("deny", {
      history,
      description: "Number of MFA pushes denied by the user in the given number of seconds",
    }),
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
  const description = "Number of the client's autonomous system";
  return row("okta.security.asnumber", read, { description, type: "UINT64", format: "DEC" });
}

function targetNamesRow(): FieldRow {
  return {
    definition: {
      name: "okta.targets.displayName",
      group: "okta",
      type: "CHARBUF",
      format: "NA",
      description: "Names of all targets, as `(a,b)`, or the name at the given index",
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
