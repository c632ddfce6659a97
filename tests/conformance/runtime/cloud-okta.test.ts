import { expect, test } from "vitest";
import { corpusBytes, describeWithCorpus } from "../../setup/corpus.ts";
import { judgeJson, loadedRules } from "../../setup/judge-json.ts";

const ada = { id: "00u1", type: "User", alternateId: "ada@example.com", displayName: "Ada" };
const eve = { id: "00u2", type: "User", alternateId: "eve@example.com", displayName: "Eve" };
const group = { id: "00g1", type: "UserGroup", alternateId: "unknown", displayName: "Admins" };
const wiki = { id: "0oa1", type: "AppInstance", alternateId: "Wiki", displayName: "SAML 2.0 App" };

let serial = 0;

/** An entry of the system log after Okta's reference of its API. */
function entry(eventType: string, more: object = {}): object {
  serial++;
  return {
    uuid: `dc9fd3c0-598c-11ef-8478-${String(serial).padStart(12, "0")}`,
    published: `2024-08-13T15:58:20.${String(serial).padStart(3, "0")}Z`,
    eventType,
    version: "0",
    severity: "INFO",
    legacyEventType: null,
    displayMessage: "what happened",
    actor: { ...ada, detailEntry: null },
    client: {
      userAgent: { rawUserAgent: "Mozilla/5.0", os: "Linux", browser: "FIREFOX" },
      geographicalContext: { city: "Berlin", state: "Land Berlin", country: "Germany", postalCode: "10405" },
      zone: "null",
      ipAddress: "198.51.100.7",
      device: "Computer",
      id: null,
    },
    outcome: { result: "SUCCESS", reason: null },
    target: [],
    transaction: { type: "WEB", id: "Zr1" },
    debugContext: { debugData: { requestUri: "/api/v1/authn" } },
    authenticationContext: { authenticationStep: 0, externalSessionId: "102" },
    securityContext: { asNumber: 64500, asOrg: "example", isp: "example", domain: "example.com", isProxy: false },
    ...more,
  };
}

const failed = (): object =>
  entry("user.authentication.auth_via_mfa", { outcome: { result: "FAILURE", reason: "NO" } });
const denied = (): object => entry("user.mfa.okta_verify.deny_push");

/** Events, what the upstream rules say of the last one, and a part of the message. */
const events: readonly (readonly [entries: readonly object[], rule: string, says: string])[] = [
  [[entry("user.account.update_password")], "User Changing password in to OKTA", "user=Ada, ip=198.51.100.7"],
  [[entry("user.lifecycle.create", { target: [eve] })], "Creating a new OKTA user account", "target user=Eve"],
  [[entry("user.authentication.sso", { target: [wiki] })], "User accessing app via single sign on OKTA", "app=Wiki"],
  [[entry("user.account.lock")], "User has been locked out in OKTA", "user=Ada"],
  [
    [entry("user.lifecycle.unsuspend", { target: [eve] })],
    "User has been moved from suspended status in OKTA.",
    "target user=Eve",
  ],
  [[entry("user.lifecycle.activate", { target: [eve] })], "User has been activated in OKTA", "target user=Eve"],
  [[entry("user.lifecycle.deactivate", { target: [eve] })], "User has been deactivated in OKTA", "target user=Eve"],
  [[entry("user.lifecycle.suspended", { target: [eve] })], "User has been suspended in OKTA", "target user=Eve"],
  [
    [entry("user.account.privilege.grant", { target: [eve] })],
    "Admin permission has been assigned to a user in OKTA",
    "target user=Eve",
  ],
  [[entry("system.api_token.create")], "Creating a new OKTA API token", "user=Ada"],
  [[entry("user.session.access_admin_app")], "User accessing OKTA admin section", "user=Ada"],
  [
    [entry("group.user_membership.add", { target: [eve, group] })],
    "Adding user in OKTA group",
    "target group=Admins, target user=Eve",
  ],
  [[entry("user.mfa.factor.deactivate")], "removing MFA factor from user in OKTA", "user=Ada"],
  [[entry("user.mfa.factor.reset_all")], "removing all MFA factor from user in OKTA", "user=Ada"],
  [[entry("user.account.reset_password", { target: [eve] })], "User password reset by OKTA admin", "target user=Eve"],
  [[entry("system.org.rate_limit.violation")], "User hitting the rate limit on requests in OKTA", "ip=198.51.100.7"],
  [
    [entry("application.user_membership.add", { target: [eve, wiki] })],
    "Adding user to application membership in OKTA",
    "target user=Eve, app=Wiki",
  ],
  [
    [entry("user.session.impersonation.initiate", { target: [eve] })],
    "User initiating impersonation session in OKTA",
    "target user=Eve",
  ],
  [[entry("user.session.start")], "Detecting unknown logins using geolocation", "country=Germany"],
  [[failed(), failed(), failed()], "Too many failed MFA in last 5min", "user='Ada' last_reason='NO' countLast300=3"],
  [[denied(), denied(), denied()], "Too many denied MFA Pushes in last 5min", "user='Ada' reason='' countLast300=3"],
];

describeWithCorpus("entries of Okta's system log", () => {
  const name = "okta_rules.yaml";
  const text = corpusBytes("runtime", "rules-upstream", name).toString("utf8");
  const { rules } = loadedRules({ name, text }, { all: true });

  test("every upstream rule fires on the event that it is about, and no other", async () => {
    const fired = new Set<string>();
    for (const [entries, expected, says] of events) {
      for (const format of ["auto", "okta"] as const) {
        const { alerts, events: count, problems } = await judgeJson(JSON.stringify(entries), { rules, format });
        expect([count, problems]).toEqual([entries.length, []]);
        expect(alerts.map(({ rule }) => rule)).toEqual([expected]);
        expect(alerts[0]?.message).toContain(says);
        fired.add(expected);
      }
    }
    expect([...fired].toSorted()).toEqual(rules.map((rule) => rule.name).toSorted());
    expect(fired.size).toBe(21);
  });

  test("an event hook gives the same alerts as the log", async () => {
    const log = events.flatMap(([entries]) => entries);
    const asArray = await judgeJson(JSON.stringify(log), { rules });
    const hook = { eventType: "com.okta.event_hook", eventTypeVersion: "1.0", data: { events: log } };
    expect(await judgeJson(JSON.stringify(hook), { rules })).toEqual(asArray);
    expect(asArray.alerts).toHaveLength(21);
  });
});
