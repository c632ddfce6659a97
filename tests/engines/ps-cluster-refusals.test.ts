import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WorkloadReport } from "../../src/model/images/workload.ts";
import { startPlimsoll } from "../end-to-end/run-plimsoll.ts";
import { temporaryFolder } from "../setup/temporary-folder.ts";
import { type FakeCluster, obstacle, startCluster, writeKubeconfig } from "./ps-cluster.ts";
import { shop } from "./ps-pods.ts";
import { psReport } from "./ps-report.ts";

const plimsoll = startPlimsoll();
const folder = temporaryFolder();

describe.skipIf(obstacle !== undefined)(`what a cluster refuses${obstacle ? ` (${obstacle})` : ""}`, () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await startCluster(folder);
  });
  afterAll(() => cluster.close());
  beforeEach(() => {
    cluster.lists = shop;
    cluster.forbidden = [];
    cluster.refusal = undefined;
    cluster.requests.length = 0;
  });

  function ps(...args: readonly string[]) {
    const path = writeKubeconfig(cluster, "kubeconfig", { user: `token: ${cluster.token}` });
    return plimsoll(["ps", "--engine", "kubernetes", "--no-update", "--kubeconfig", path, ...args], {
      env: { PLIMSOLL_OFFLINE: "0" },
    });
  }

  async function report(...args: readonly string[]): Promise<WorkloadReport & { readonly code: number | null }> {
    const { stdout, stderr, code } = await ps("--format", "json", ...args);
    expect(stderr).toBe("");
    return { ...psReport(stdout), code };
  }

  /** Each request is refused once, with this status and these headers. */
  function refuseOnce(status: number, headers: Readonly<Record<string, string>>): void {
    const seen = new Set<string>();
    cluster.refusal = ({ url = "" }) => {
      if (seen.has(url)) return undefined;
      seen.add(url);
      return [status, JSON.stringify({ message: "too many requests" }), headers];
    };
  }

  const isPods = ({ url = "" }: IncomingMessage): boolean => url.startsWith("/api/v1/pods");

  describe("for the moment", () => {
    test.each([429, 500, 503])("is asked for again when %i says after how many seconds", async (status) => {
      refuseOnce(status, { "retry-after": "0" });
      const { code, workloads, unlisted } = await report();
      expect([code, workloads.length, unlisted]).toEqual([0, 11, []]);
    });

    test.each([
      [429, {}],
      [503, { "retry-after": "Fri, 20 Nov 2026 08:00:00 GMT" }],
      [503, { "retry-after": "86400" }],
      [404, { "retry-after": "0" }],
    ])("is not when %i comes with %j", async (status, headers) => {
      refuseOnce(status, headers as Record<string, string>);
      const { code, stderr } = await ps();
      expect(code).toBe(3);
      expect(stderr).toContain(`the cluster dev responded with status ${status}: too many requests`);
      expect(cluster.requests.length).toBe(1);
    });

    test("is given up after ten times", async () => {
      cluster.refusal = () => [429, "{}", { "retry-after": "0" }];
      expect((await ps()).stderr).toContain("the cluster dev responded with status 429");
      expect(cluster.requests.length).toBe(11);
    });

    test("beside the pods, is unlisted, with what is not known for it", async () => {
      cluster.refusal = (request) =>
        isPods(request) ? undefined : [503, JSON.stringify({ message: "shutting down" })];
      const { code, workloads, unlisted } = await report();
      expect([code, workloads.length]).toEqual([3, 9]);
      expect(unlisted.map(({ message }) => message)).toEqual([
        "the owners of ReplicaSets are unknown: the cluster dev responded with status 503: shutting down",
        "the owners of Jobs are unknown: the cluster dev responded with status 503: shutting down",
        "the platforms of the nodes are unknown: the cluster dev responded with status 503: shutting down",
      ]);
    });

    test("beside the pods, is unlisted when the credentials have expired meanwhile", async () => {
      cluster.refusal = (request) => (isPods(request) ? undefined : [401, JSON.stringify({ message: "Unauthorized" })]);
      const { code, unlisted } = await report();
      expect(code).toBe(3);
      expect(unlisted.map(({ message, hint }) => [message, hint])).toEqual(
        ["the owners of ReplicaSets", "the owners of Jobs", "the platforms of the nodes"].map((what) => [
          `${what} are unknown: the cluster dev rejected the credentials in the kubeconfig (401: Unauthorized)`,
          "The credentials may have expired: log in to the cluster again, and check with kubectl get pods.",
        ]),
      );
    });

    test("beside the pods of several namespaces, is unlisted once for each kind", async () => {
      const pods = shop["/api/v1/pods"] ?? [];
      cluster.lists = { ...shop, "/api/v1/namespaces/a/pods": pods, "/api/v1/namespaces/b/pods": pods };
      cluster.refusal = ({ url = "" }) => (url.includes("/replicasets") ? [503, "{}"] : undefined);
      const { unlisted } = await report("--namespace", "a,b");
      expect(unlisted.map(({ message }) => message)).toEqual([
        "the owners of ReplicaSets are unknown: the cluster dev responded with status 503",
      ]);
    });

    test("is waited for as often in a whole run as for one request", async () => {
      cluster.lists = { ...shop, "/api/v1/namespaces/a/pods": shop["/api/v1/pods"] ?? [] };
      cluster.refusal = ({ url = "" }) =>
        url.startsWith("/api/v1/namespaces/a/") ? undefined : [429, "{}", { "retry-after": "0" }];
      const { code, unlisted, workloads } = await report("--namespace", "a,b,c,d");
      expect([code, workloads.length > 0]).toEqual([3, true]);
      expect(unlisted.slice(0, 2).map(({ message, hint }) => [message, hint])).toEqual([
        ["the cluster dev responded with status 429", "Check that kubectl get pods works, and try again."],
        ["the pods in the namespaces c, d were not requested from the cluster dev after that", "Try again later."],
      ]);
      expect(cluster.requests.filter((url) => url.includes("/pods")).length).toBe(12);
      // Nothing is waited for any more.
      expect(new Set(cluster.requests.slice(12)).size).toBe(cluster.requests.length - 12);
    });
  });

  describe("in a namespace", () => {
    const pods = shop["/api/v1/pods"] ?? [];

    test("is unlisted, and what another one runs is listed all the same", async () => {
      cluster.lists = { ...shop, "/api/v1/namespaces/shop/pods": pods.slice(0, 1) };
      cluster.forbidden = ["/api/v1/namespaces/till/pods"];
      const { code, workloads, unlisted } = await report("--namespace", "till,shop");
      expect([code, workloads.map(({ name }) => name)]).toEqual([3, ["shop/deployment/api", "shop/deployment/api"]]);
      expect(unlisted).toEqual([
        {
          engine: "kubernetes",
          message: expect.stringContaining("the cluster dev does not allow listing pods in the namespace till (403: "),
          hint: "Request a role that can list pods in this namespace (check with: kubectl auth can-i list pods --namespace till).",
        },
      ]);
    });

    test("is an error when it is the only one", async () => {
      cluster.forbidden = ["/api/v1/namespaces/till/pods"];
      const { code, stderr, stdout } = await ps("--namespace", "till");
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toContain("does not allow listing pods in the namespace till");
      expect(stderr).not.toContain("Select a namespace");
    });

    test("does not hide the owners of another one's pods", async () => {
      cluster.lists = {
        ...shop,
        "/api/v1/namespaces/till/pods": pods.slice(0, 1),
        "/api/v1/namespaces/shop/pods": pods.slice(3, 4),
        "/apis/apps/v1/namespaces/shop/replicasets": shop["/apis/apps/v1/replicasets"] ?? [],
      };
      cluster.forbidden = ["/apis/apps/v1/namespaces/till/replicasets"];
      const { code, workloads } = await report("--namespace", "till,shop");
      expect(code).toBe(0);
      expect(workloads.map(({ name }) => name)).toContain("shop/rollout/canary");
    });

    test("one that does not exist is unlisted, so that a mistyped name passes no gate", async () => {
      cluster.lists = { ...shop, "/api/v1/namespaces/shpo/pods": [] };
      const { code, unlisted } = await report("--namespace", "shpo", "--fail-on", "high");
      expect([code, unlisted.map(({ message }) => message)]).toEqual([3, ["the cluster dev has no namespace shpo"]]);
    });

    test("one that is empty is allowed, unless it is not known whether it exists", async () => {
      const idle = "/api/v1/namespaces/idle";
      cluster.lists = { ...shop, [`${idle}/pods`]: [], [idle]: [] };
      const known = await report("--namespace", "idle", "--fail-on", "high");
      expect([known.code, known.unlisted]).toEqual([0, []]);
      cluster.forbidden = [idle];
      const { code, unlisted } = await report("--namespace", "idle", "--fail-on", "high");
      expect(code).toBe(3);
      expect(unlisted).toMatchObject([
        {
          message: expect.stringContaining(
            "lists no pods in the namespace idle, and does not report whether the namespace exists",
          ),
          hint: expect.stringContaining("kubectl auth can-i get namespaces --namespace idle"),
        },
      ]);
    });
  });

  test("a pod of OpenShift's DeploymentConfig is told by it", async () => {
    const owned = (name: string, owner: object): object => ({
      metadata: { name, namespace: "shop", ownerReferences: [{ controller: true, ...owner }] },
      spec: { nodeName: "node-a", containers: [{ name: "app", image: "ghcr.io/acme/app:1" }] },
      status: { phase: "Running" },
    });
    cluster.lists = {
      ...shop,
      "/api/v1/pods": [
        owned("app-3-x2k4p", { kind: "ReplicationController", name: "app-3" }),
        owned("old-x2k4p", { kind: "ReplicationController", name: "old" }),
      ],
      "/api/v1/replicationcontrollers": [
        owned("app-3", { apiVersion: "apps.openshift.io/v1", kind: "DeploymentConfig", name: "app" }),
        { metadata: { name: "old", namespace: "shop" } },
      ],
    };
    const { workloads } = await report();
    expect(workloads.map(({ name }) => name)).toEqual(["shop/deploymentconfig/app", "shop/replicationcontroller/old"]);
  });
});
