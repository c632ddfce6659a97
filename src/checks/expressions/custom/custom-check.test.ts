import { describe, expect, test } from "vitest";
import { readManifests } from "../../manifests/reading/read-manifests.ts";
import { runChecks } from "../../run-checks.ts";
import { type CustomObject, runnableCheck } from "./custom-check.ts";
import { manifestObjects } from "./manifest-objects.ts";
import { readCustomChecks } from "./read-custom-checks.ts";

const file = `
checks:
- id: shop/no-host-network
  kind: docker-container
  title: Container has its own network
  failTitle: Container shares the network of the host
  severity: high
  when: object.name.startsWith("shop-")
  expression: object.network != "host"
  messageExpression: '"the network of " + object.name + " is that of the host"'
  remediation: Leave out --network host.
  mappings: [{framework: Shop Rules, id: "7"}]
`;

describe("a custom check", () => {
  test("looks at the objects that it is about", () => {
    expect(
      results(file, [
        { name: "shop-a", network: "host" },
        { name: "shop-b", network: "n" },
        { name: "other", network: "host" },
      ]),
    ).toEqual([
      {
        id: "shop/no-host-network",
        title: "Container shares the network of the host",
        severity: "high",
        remediation: "Leave out --network host.",
        mappings: [{ framework: "Shop Rules", id: "7" }],
        resource: "object 0",
        state: "fail",
        evidence: [{ subject: 'object.network != "host"', value: "false", expected: "true" }],
        reason: "the network of shop-a is that of the host",
      },
      expect.objectContaining({ resource: "object 1", state: "pass", title: "Container has its own network" }),
    ]);
  });

  test("warns where its expression has no value, or none that is a bool", () => {
    expect(results(file, [{ name: "shop-a" }])).toMatchObject([
      { state: "warn", reason: "the expression cannot be evaluated: no such key: network" },
    ]);
    expect(results(file, [{}])).toMatchObject([
      { state: "warn", reason: "the when cannot be evaluated: no such key: name" },
    ]);
    const number = "checks: [{id: a, kind: host, title: t, expression: object.uptime}]";
    expect(results(number, [{ uptime: 5 }])).toMatchObject([
      { state: "warn", reason: "the expression returns a value of type int, not a bool" },
    ]);
  });

  test("that costs too much ends with one warn", () => {
    const slow = "checks: [{id: a, kind: host, title: t, expression: 'object.l.all(a, object.l.all(b, a + b >= 0))'}]";
    const [check] = readCustomChecks(slow, "checks.yaml") ?? [];
    if (!check) throw new Error("there is no check");
    const objects = Array.from({ length: 50 }, () => ({
      value: { l: Array.from({ length: 100 }, (_, index) => index) },
    }));
    const observations = [...runnableCheck(check, { costLimit: 200_000 }).evaluate({ objects })];
    expect(observations.length).toBeLessThan(10);
    expect(observations.at(-1)).toMatchObject({
      state: "warn",
      reason: expect.stringContaining("the check exceeds the cost limit"),
    });
  });

  test("can look at manifests", () => {
    const text = "checks: [{id: a, kind: manifest, title: t, expression: object.data.a == 'x', message: no x}]";
    const resources = readManifests("kind: ConfigMap\nmetadata: {name: m}\ndata: {a: y}", {
      path: "m.yaml",
      problem: () => {},
    }).resources;
    const [check] = readCustomChecks(text, "checks.yaml") ?? [];
    if (!check) throw new Error("there is no check");
    expect([...runnableCheck(check).evaluate({ objects: manifestObjects(resources) })]).toEqual([
      {
        resource: "ConfigMap m",
        state: "fail",
        location: { path: "m.yaml", line: 2, column: 12 },
        evidence: [{ subject: "object.data.a == 'x'", value: "false", expected: "true" }],
        reason: "no x",
      },
    ]);
  });
});

describe("a file of custom checks", () => {
  test("is told apart from other files", () => {
    expect(readCustomChecks("kind: Pod", "x.yaml")).toBeUndefined();
    expect(readCustomChecks("", "x.yaml")).toBeUndefined();
    expect(readCustomChecks('{"checks": []}', "x.yaml")).toEqual([]);
  });

  test("with mistakes is refused with all of them", () => {
    const broken = `
checks:
- {id: a, kind: pod, title: t, expression: "true"}
- {id: b, kind: host, title: t, expression: object.x >}
- {id: c, kind: host, expression: '"x"', severity: bad, colour: red}
`;
    expect(() => readCustomChecks(broken, "x.yaml")).toThrow(
      expect.objectContaining({
        code: "rules-malformed",
        message:
          "x.yaml cannot be used: a: kind must be one of manifest, docker-container, image, dockerfile-instruction, host; " +
          "b: expression, line 1, column 11: expected a value, found the end; c: unknown field colour; " +
          "c: severity must be one of critical, high, medium, low, negligible; c: title is missing; " +
          "c: expression must return a value of type bool, not string",
      }),
    );
  });

  test("cannot use an id twice, and is no place for what is no YAML", () => {
    const twice =
      "checks: [{id: a, kind: host, title: t, expression: 'true'}, {id: a, kind: host, title: t, expression: 'true'}]";
    expect(() => readCustomChecks(twice, "x.yaml")).toThrow("duplicate id a");
    expect(() => readCustomChecks("checks: [}\n---\nchecks: []", "x.yaml")).toThrow("x.yaml cannot be used: line 1");
  });
});

function results(text: string, values: readonly unknown[]): ReturnType<typeof runChecks> {
  const objects: CustomObject[] = values.map((value, index) => ({ value, resource: `object ${index}` }));
  return runChecks(
    (readCustomChecks(text, "checks.yaml") ?? []).map((check) => runnableCheck(check)),
    { objects },
  );
}
