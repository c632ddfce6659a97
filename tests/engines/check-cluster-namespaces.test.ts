import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { CheckReport } from "../../src/model/checks/check.ts";
import { namesIn, reportOf } from "../end-to-end/check-report.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster, writeKubeconfig } from "./ps-cluster.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

const namespaced = [
  ...["/api/v1/pods", "/api/v1/serviceaccounts", "/api/v1/services"],
  ...["roles", "rolebindings"].map((name) => `/apis/rbac.authorization.k8s.io/v1/${name}`),
  ...["networkpolicies", "ingresses"].map((name) => `/apis/networking.k8s.io/v1/${name}`),
];
const ofCluster = [
  "/api/v1/nodes",
  ...["clusterroles", "clusterrolebindings"].map((name) => `/apis/rbac.authorization.k8s.io/v1/${name}`),
  ...["validatingwebhookconfigurations", "mutatingwebhookconfigurations", "validatingadmissionpolicies"].map(
    (name) => `/apis/admissionregistration.k8s.io/v1/${name}`,
  ),
];
const names = ["shop", "till", "default"];
const all = "pods, serviceaccounts, roles, rolebindings, networkpolicies, services and ingresses";

function pod(namespace: string, privileged: boolean): object {
  const metadata = { name: "app", namespace };
  return { metadata, spec: { containers: [{ name: "app", image: "app:1", securityContext: { privileged } }] } };
}

/** Objects of three namespaces: in `shop` a container is privileged, in `till` none is, and `default` is empty. */
const objects: Readonly<Record<string, readonly object[]>> = {
  "/api/v1/pods": [pod("shop", true), pod("till", false)],
  "/api/v1/serviceaccounts": names.map((namespace) => ({
    metadata: { name: "default", namespace },
    automountServiceAccountToken: false,
  })),
  "/apis/networking.k8s.io/v1/networkpolicies": [{ metadata: { name: "deny", namespace: "shop" } }],
  "/api/v1/namespaces": names.map((name) => ({ metadata: { name } })),
};

describe.skipIf(obstacle !== undefined)(`checks of what may be listed${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await startCluster(folder);
    const lists: Record<string, readonly object[]> = Object.fromEntries(
      [...namespaced, ...ofCluster, "/api/v1/namespaces"].map((path) => [path, objects[path] ?? []]),
    );
    for (const path of namespaced) {
      for (const name of names) {
        const own = (objects[path] ?? []) as readonly { readonly metadata: { readonly namespace: string } }[];
        lists[within(path, name)] = own.filter(({ metadata }) => metadata.namespace === name);
      }
    }
    for (const name of names) lists[`/api/v1/namespaces/${name}`] = [];
    cluster.lists = lists;
  });
  afterAll(() => cluster.close());
  beforeEach(() => {
    allow(() => true);
    cluster.requests.length = 0;
  });

  function within(path: string, namespace: string): string {
    return path.replace(/(?=[^/]*$)/, `namespaces/${namespace}/`);
  }

  /** Refuses what a role does not allow, as an API server does. */
  function allow(isAllowed: (path: string) => boolean): void {
    cluster.refusal = ({ url = "" }) => {
      const [path = ""] = url.split("?");
      if (path === "/version" || isAllowed(path)) return undefined;
      const [, namespace] = /\/namespaces\/([^/]+)\/[^/]+$/.exec(path) ?? [];
      const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
      const message = `${path.slice(path.lastIndexOf("/") + 1)} is forbidden: User "jane" cannot list it ${where}`;
      return [403, JSON.stringify({ kind: "Status", status: "Failure", message, reason: "Forbidden", code: 403 })];
    };
  }

  async function check(...args: readonly string[]): Promise<CheckReport & { readonly code: number | null }> {
    const path = writeKubeconfig(cluster, "kubeconfig", { user: `token: ${cluster.token}` });
    const where = args.includes("--facts") ? [] : ["--part", "cluster", "--kubeconfig", path];
    const run = await plimsoll(["check", "kubernetes", "--format", "json", ...where, ...args]);
    return { ...reportOf(run), code: run.code };
  }

  function states({ results }: CheckReport, id: string): readonly string[] {
    return results
      .filter((result) => result.id === `kubernetes/${id}`)
      .map(({ state, resource, reason }) => [state, resource ?? reason ?? ""].join(": "))
      .sort();
  }

  /** True for the list of the whole cluster, and for those of other namespaces than these. */
  function isForbidden(path: string, namespaces: readonly string[]): boolean {
    const [, namespace] = /\/namespaces\/([^/]+)\/[^/]+$/.exec(path) ?? [];
    return namespaced.includes(path) || (namespace !== undefined && !namespaces.includes(namespace));
  }

  test("what may be listed in the whole cluster is asked for once", async () => {
    const report = await check();
    expect(states(report, "pod-privileged")).toEqual(["fail: Pod shop/app", "pass: for 1 resource"]);
    expect(namesIn(report, "warn")).toEqual([]);
    expect(cluster.requests.filter((url) => url.includes("/namespaces/"))).toEqual([]);
  });

  test("where the whole is refused, each namespace is listed, and nothing is missing when all may be", async () => {
    allow((path) => !isForbidden(path, names));
    const report = await check();
    expect(states(report, "pod-privileged")).toEqual(["fail: Pod shop/app", "pass: for 1 resource"]);
    expect(states(report, "namespace-network-policy")).toEqual([
      "fail: Namespace default",
      "fail: Namespace till",
      "pass: for 1 resource",
    ]);
    expect(namesIn(report, "warn")).toEqual([]);
  });

  test("one namespace that may not be listed hides no other, and is told by every check that needs it", async () => {
    allow((path) => !isForbidden(path, ["shop", "default"]));
    const report = await check("--fail-on", "critical", "--skip", "kubernetes/pod-privileged");
    const why = `warn: ${all} cannot be listed in the namespace till: the cluster dev does not allow listing pods in the namespace till (403: pods is forbidden: User "jane" cannot list it in the namespace "till")`;
    expect(states(report, "pod-seccomp")).toEqual(["fail: Pod shop/app", why]);
    expect(states(report, "pod-token-mount")).toEqual(["pass: for 1 resource", why]);
    // Of its policies nothing is known, which is not to have none.
    expect(states(report, "namespace-network-policy")).toEqual([
      "fail: Namespace default",
      "pass: for 1 resource",
      why,
    ]);
    // What is said of the whole cluster cannot be said.
    expect(states(report, "rbac-secrets")).toEqual([why]);
    expect([report.code, report.verdict.decision]).toEqual([3, "cannot-tell"]);
  });

  test("the table says once what may not be listed in a namespace, whichever checks need it", async () => {
    const ofTill = ["pods", "roles", "rolebindings"];
    allow((path) => {
      const isOfTill = path.includes("/namespaces/till/");
      return !isForbidden(path, names) && !(isOfTill && ofTill.some((kind) => path.endsWith(`/${kind}`)));
    });
    const path = writeKubeconfig(cluster, "kubeconfig", { user: `token: ${cluster.token}` });
    const { stdout } = await plimsoll(["check", "kubernetes", "--part", "cluster", "--kubeconfig", path]);
    const [, blind = ""] = /^Not checked ((?:.+\n)+)/m.exec(stdout) ?? [];
    expect(blind.replace(/\s+/g, " ")).toMatch(
      /^\d+ checks: pods, roles and rolebindings cannot be listed in the namespace till: the cluster dev does not allow listing pods in the namespace till \(403: [^()]*\) $/,
    );
  });

  test("a namespace of --namespace that may not be listed is told, and the other one is checked", async () => {
    allow((path) => !isForbidden(path, ["shop"]));
    const report = await check("--namespace", "till,shop");
    expect(states(report, "pod-privileged")).toEqual([
      "fail: Pod shop/app",
      expect.stringContaining(": the cluster dev does not allow listing pods in the namespace till (403: "),
    ]);
    const several = await check("--namespace", "till,default,shop", "--only", "kubernetes/pod-privileged");
    expect(states(several, "pod-privileged")[1]).toContain(`${all} cannot be listed in the namespaces till, default: `);
  });

  test("of namespaces that nobody asked for nothing is told", async () => {
    const report = await check("--namespace", "shop");
    expect(states(report, "namespace-network-policy")).toEqual(["pass: for 1 resource"]);
    expect(states(report, "namespace-default-unused")).toEqual(["not-applicable: nothing to check"]);
    expect(namesIn(report, "warn")).toEqual([]);
  });

  test("without the right to list namespaces the one of the context is looked at, and that it is only that one is told", async () => {
    allow((path) => path !== "/api/v1/namespaces" && !isForbidden(path, ["default"]));
    const report = await check("--only", "kubernetes/namespace-default-unused");
    expect(states(report, "namespace-default-unused")).toEqual([
      "pass: for 1 resource",
      expect.stringContaining(
        `warn: ${all} cannot be listed in the whole cluster, and only those in the namespace default were requested: the cluster dev does not allow listing pods (403: `,
      ),
    ]);
    expect(report.code).toBe(3);
  });

  test("on OpenShift the projects of the account are looked at", async () => {
    const projects = "/apis/project.openshift.io/v1/projects";
    cluster.lists = { ...cluster.lists, [projects]: [{ metadata: { name: "shop" } }] };
    allow((path) => path !== "/api/v1/namespaces" && !isForbidden(path, ["shop"]));
    const report = await check("--only", "kubernetes/pod-privileged");
    expect(states(report, "pod-privileged")).toEqual([
      "fail: Pod shop/app",
      expect.stringContaining(", and only those in the namespace shop were requested: the cluster dev does not allow "),
    ]);
  });

  test("where no namespace may be listed, the reason is that for the whole", async () => {
    allow((path) => !isForbidden(path, []));
    const report = await check("--only", "kubernetes/pod-privileged");
    expect(states(report, "pod-privileged")).toEqual([
      'warn: the cluster dev does not allow listing pods (403: pods is forbidden: User "jane" cannot list it at the cluster scope)',
    ]);
  });

  test("a mistyped namespace passes no check", async () => {
    for (const path of namespaced) cluster.lists = { ...cluster.lists, [within(path, "shpo")]: [] };
    const report = await check("--namespace", "shpo", "--only", "kubernetes/pod-*");
    expect(report.results.length).toBeGreaterThan(10);
    expect(report.results.map(({ state, reason }) => `${state}: ${reason}`)).toEqual(
      report.results.map(() => "warn: the cluster dev has no namespace shpo"),
    );
    allow((path) => path !== "/api/v1/namespaces/shpo");
    expect(states(await check("--namespace", "shpo", "--only", "kubernetes/pod-root"), "pod-root")).toEqual([
      "warn: the cluster dev lists no objects in the namespace shpo, and does not report whether the namespace exists",
    ]);
  });

  test("saved facts say what could not be seen, so that a check of them does", async () => {
    allow((path) => !isForbidden(path, ["shop", "default"]));
    const file = join(folder, "facts.json");
    const { results } = await check("--save", file);
    const { cluster: facts } = JSON.parse(readFileSync(file, "utf8")) as { cluster: { listedIn: object } };
    expect(facts.listedIn).toMatchObject({
      pods: { namespaces: ["shop", "default"], refused: { namespaces: ["till"] }, gaps: [] },
    });
    expect((await check("--facts", file)).results).toEqual(results);
  });
});
