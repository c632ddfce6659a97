import { describe, expect, test } from "vitest";
import { PlimsollError } from "../../model/error.ts";
import { notificationSenders } from "./builtin.ts";
import type { NotificationKind } from "./push-notification.ts";
import { largestNotification, type NotificationInput, readPushNotification } from "./read-push-notification.ts";

const digest = `sha256:${"a".repeat(64)}`;
const hub = (tag: string, repository = "nginx"): object => ({
  push_data: { tag },
  repository: { repo_name: repository },
});

function codeOf(input: NotificationInput): string | undefined {
  try {
    readPushNotification(input);
    return undefined;
  } catch (error) {
    if (error instanceof PlimsollError) return error.code;
    throw error;
  }
}

test("each sender has an id of its own, in order", () => {
  const ids = notificationSenders.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});

describe("what is not a notification", () => {
  test.each<[string, NotificationInput, string]>([
    ["an empty body", { body: "" }, "notification-malformed"],
    ["text", { body: "push" }, "notification-malformed"],
    ["bytes that are not UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]) }, "notification-malformed"],
    ["a list", { body: "[]" }, "notification-malformed"],
    ["null", { payload: null }, "notification-malformed"],
    ["nesting without end", { body: "[".repeat(1_000_000) }, "notification-malformed"],
    ["an object that says nothing", { body: "{}" }, "notification-malformed"],
    ["an audit event of Kubernetes", { payload: { kind: "Event", verb: "create" } }, "notification-malformed"],
    ["a body that is too large", { body: Buffer.alloc(largestNotification + 1, " ") }, "limit-exceeded"],
    ["more events than any registry has", { payload: { events: Array(1001).fill({}) } }, "limit-exceeded"],
    ["a kind that there is not", { payload: {}, kind: "gitlab" as NotificationKind }, "usage"],
  ])("%s is an error with a code", (_, input, code) => {
    expect(codeOf(input)).toBe(code);
  });

  test("a secret in a body that is not JSON is not repeated", () => {
    expect(() => readPushNotification({ body: "marker-pa55word" })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("marker") }),
    );
  });

  test("members of the prototype are neither read nor changed", () => {
    const body = '{"__proto__":{"push_data":{"tag":"v1"},"repository":{"repo_name":"a/b"},"polluted":1}}';
    expect(codeOf({ body })).toBe("notification-malformed");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

describe("names", () => {
  test("an image of Docker Hub without a namespace is in library", () => {
    expect(readPushNotification({ payload: hub("1.27") }).events).toEqual([
      { registry: "docker.io", repository: "library/nginx", tags: ["1.27"], digest: undefined },
    ]);
  });

  test.each([
    ["no namespace", { name: "nginx" }],
    ["an empty namespace", { name: "nginx", namespace: "" }],
    ["the namespace itself", { name: "nginx", namespace: "library" }],
  ])("so it is when the repository has a name and %s", (_, repository) => {
    const { events } = readPushNotification({ payload: { push_data: { tag: "1.27" }, repository } });
    expect(events).toMatchObject([{ registry: "docker.io", repository: "library/nginx" }]);
  });

  test.each(["../../etc/passwd", "a//b", "A/b", "a b", "a@b", "host.test:5000/a:b", "-a", "a\u0000", "a".repeat(256)])(
    "%j is not a repository, and the push is rejected",
    (name) => {
      const { events, rejected } = readPushNotification({ payload: hub("v1", name) });
      expect(events).toEqual([]);
      expect(rejected).toHaveLength(1);
      expect(rejected[0]?.length).toBeLessThan(200);
    },
  );

  test.each(["-v1", "v 1", "v/1", "a".repeat(129), "v1\n"])("%j is not a tag, and the push is rejected", (tag) => {
    const { events, rejected } = readPushNotification({ payload: hub(tag) });
    expect(events).toEqual([]);
    expect(rejected.join()).toContain("with the invalid tag");
  });

  test("a tag that is none is told of beside those that are good", () => {
    const payload = { repository: "a/b", docker_url: "quay.io/a/b", updated_tags: ["v1", "..", "v2", "v1", 7] };
    const { events, rejected } = readPushNotification({ payload });
    expect(events).toMatchObject([{ tags: ["v1", "v2"] }]);
    expect(rejected).toHaveLength(1);
  });

  test.each([
    ["harbor.example.test/a/b:v1", "harbor.example.test"],
    ["https://harbor.example.test:8443/a/b:v1", "harbor.example.test:8443"],
    ["localhost/a/b:v1", "localhost"],
    ["[::1]:5000/a/b", "[::1]:5000"],
    ["index.docker.io/a/b", "docker.io"],
    ["a/b:v1", undefined],
    ["harbor/a/b:v1", undefined],
    ["user:word@harbor.example.test/a/b", undefined],
    ["https://harbor.example.test?x/a", undefined],
    ["file:///etc/passwd", undefined],
    ["", undefined],
  ])("the address %j begins with the registry %s", (address, registry) => {
    const resources = [{ tag: "v1", resource_url: address }];
    const payload = { type: "PUSH_ARTIFACT", event_data: { resources, repository: { repo_full_name: "a/b" } } };
    expect(readPushNotification({ payload }).events).toMatchObject([{ registry }]);
  });

  test("a push that is told twice counts once", () => {
    const event = { action: "push", target: { repository: "a/b", tag: "v1", digest }, request: { host: "r.test" } };
    expect(readPushNotification({ payload: { events: [event, event] } }).events).toHaveLength(1);
  });
});

describe("headers", () => {
  const data = { name: "team/app", reference: "v1", digest };
  const headers = {
    "ce-specversion": "1.0",
    "CE-Type": "zotregistry.image.updated",
    "Ce-Source": "https://zot.example.test",
  };

  test("a CloudEvent may have its attributes there", () => {
    expect(readPushNotification({ headers, payload: data })).toEqual({
      kind: "zot",
      events: [{ registry: "zot.example.test", repository: "team/app", tags: ["v1"], digest }],
      rejected: [],
      passedOver: [],
    });
    expect(codeOf({ payload: data })).toBe("notification-malformed");
  });

  test("GitHub's other events are passed over, and Gitea's are not taken for GitHub's", () => {
    const ping = readPushNotification({ headers: { "X-GitHub-Event": "ping" }, payload: { zen: "x" } });
    expect(ping).toMatchObject({ kind: "ghcr", events: [], passedOver: ['GitHub\'s event "ping"'] });
    const headers = { "X-GitHub-Event": "push", "X-Gitea-Event": "push" };
    const gitea = readPushNotification({ headers, payload: { ref: "x" } });
    expect(gitea).toMatchObject({ kind: "gitea", events: [], passedOver: ['the event "push"'] });
  });
});

describe("CloudEvents of other kinds", () => {
  const event = { specversion: "1.0", source: "https://shop.example.test" };

  test.each<[string, object]>([
    ["com.example.order.created", { data: { order: 7 } }],
    ["com.example.customer.updated", { subject: "customer" }],
    ["com.example.git.push", { data: { repository: { full_name: "team/app" }, ref: "refs/heads/main" } }],
    ["com.example.file.upload", {}],
    ["com.example.order.cancelled", { data: { repository: "team/app", tag: "v1" } }],
  ])("%s is passed over by its type", (type, members) => {
    expect(readPushNotification({ payload: { ...event, type, ...members } })).toEqual({
      kind: "cloud-events",
      events: [],
      rejected: [],
      passedOver: [`unsupported CloudEvent type ${JSON.stringify(type)}`],
    });
  });

  test.each<[string, object]>([
    ["com.example.image.push", {}],
    ["com.example.registry.updated", { data: { id: 7 } }],
    ["com.example.push", { data: { tag: "v1" } }],
    ["com.example.push", { data: { digest } }],
    ["com.example.push", { data_base64: "e30=" }],
    ["com.example.push", { data: "team/app:v1" }],
  ])("a push of the type %s that does not say of what is rejected", (type, members) => {
    const read = readPushNotification({ payload: { ...event, type, ...members } });
    expect(read).toMatchObject({ events: [], rejected: [expect.any(String)], passedOver: [] });
  });

  test.each(["com.example.image.pushed.v1", "com.example.image.pushed.1.0.2"])(
    "%s, a type with a version at its end, is of a push",
    (type) => {
      const data = { registry: "r.test", repository: "team/app", tag: "v1" };
      expect(readPushNotification({ payload: { ...event, type, data } }).events).toEqual([
        { registry: "r.test", repository: "team/app", tags: ["v1"], digest: undefined },
      ]);
    },
  );

  describe("of CDEvents", () => {
    const typed = (type: string, subject: object): object => ({
      ...event,
      type: `dev.cdevents.${type}`,
      data: { context: { version: "0.2.0", type: `dev.cdevents.${type}` }, subject: { type: "artifact", ...subject } },
    });
    const escaped = encodeURIComponent(digest);

    test.each([
      [`pkg:oci/app@${escaped}?repository_url=r.test%2Fteam%2Fapp&tag=v1`, "r.test", "team/app", ["v1"], digest],
      [`pkg:oci/app@${digest}?arch=amd64&repository_url=https://r.test:5000/app`, "r.test:5000", "app", [], digest],
      [`pkg:oci/app@${escaped}?repository_url=r.test`, "r.test", "app", [], digest],
      ["pkg:docker/team/app@v1?repository_url=r.test", "r.test", "team/app", ["v1"], undefined],
      [`pkg:docker/alpine@${escaped}`, "docker.io", "library/alpine", [], digest],
    ])("%s is an image that was published", (id, registry, repository, tags, whole) => {
      for (const version of ["0.1.1", "0.2.0", "0.3.0-draft"])
        expect(readPushNotification({ payload: typed(`artifact.published.${version}`, { id }) })).toEqual({
          kind: "cloud-events",
          events: [{ registry, repository, tags, digest: whole }],
          rejected: [],
          passedOver: [],
        });
    });

    test.each<object>([
      {},
      { id: "team/app:v1" },
      { id: `pkg:oci/app@${escaped}` },
      { id: "pkg:oci/app?repository_url=r.test/app" },
      { id: "pkg:oci/%zz@v1?repository_url=r.test" },
    ])("a published artifact that does not say which image is rejected: %j", (subject) => {
      const read = readPushNotification({ payload: typed("artifact.published.0.1.1", subject) });
      expect(read).toMatchObject({ events: [], rejected: [expect.any(String)], passedOver: [] });
    });

    test.each([
      ["artifact.published.0.1.1", "pkg:golang/mygit.com/myorg/myapp@234fd47e07d1004f0aed9c"],
      ["artifact.deleted.0.1.0", "pkg:oci/app@v1?repository_url=r.test"],
      ["repository.created.0.1.1", "app"],
    ])("%s of %s is passed over", (type, id) => {
      const read = readPushNotification({ payload: typed(type, { id }) });
      expect(read).toMatchObject({ events: [], rejected: [], passedOver: [expect.any(String)] });
    });
  });

  test("Azure's event grid sends those of Azure Container Registry", () => {
    const target = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest, repository: "app", tag: "v1" };
    const data = { action: "push", target, request: { host: "demo.azurecr.io" } };
    const payload = { ...event, subject: "app:v1", type: "Microsoft.ContainerRegistry.ImagePushed", data };
    expect(readPushNotification({ payload })).toEqual({
      kind: "cloud-events",
      events: [{ registry: "demo.azurecr.io", repository: "app", tags: ["v1"], digest }],
      rejected: [],
      passedOver: [],
    });
    const deleted = {
      ...payload,
      type: "Microsoft.ContainerRegistry.ImageDeleted",
      data: { ...data, action: "delete" },
    };
    expect(readPushNotification({ payload: deleted })).toMatchObject({
      events: [],
      rejected: [],
      passedOver: ['an event with the action "delete"'],
    });
  });
});

test("a container package of Gitea leads to the host of its page, and others are passed over", () => {
  const described = {
    owner: { login: "Team" },
    type: "container",
    name: "app",
    version: "v1",
    html_url: "https://gitea.example.test:3000/Team/-/packages/container/app/v1",
  };
  const payload = { action: "created", package: described };
  expect(readPushNotification({ payload })).toMatchObject({
    kind: "gitea",
    events: [{ registry: "gitea.example.test:3000", repository: "team/app", tags: ["v1"], digest: undefined }],
  });
  const byDigest = { ...payload, package: { ...described, version: digest } };
  expect(readPushNotification({ payload: byDigest }).events).toMatchObject([{ tags: [], digest }]);
  for (const other of [
    { ...payload, action: "deleted" },
    { ...payload, package: { ...described, type: "npm" } },
  ]) {
    expect(readPushNotification({ payload: other })).toMatchObject({ events: [], passedOver: [expect.any(String)] });
  }
});

describe("Google's Pub/Sub", () => {
  const host = "europe-docker.pkg.dev";
  const push = {
    action: "INSERT",
    digest: `${host}/project/repository/app@${digest}`,
    tag: `${host}/project/repository/app:v1`,
  };
  const expected = [{ registry: host, repository: "project/repository/app", tags: ["v1"], digest }];

  test("a message is read as it is and in a delivery", () => {
    expect(readPushNotification({ payload: push })).toMatchObject({
      kind: "google-artifact-registry",
      events: expected,
    });
    const data = Buffer.from(JSON.stringify(push)).toString("base64");
    const delivery = { message: { data, messageId: "1" }, subscription: "projects/p/subscriptions/s" };
    expect(readPushNotification({ payload: delivery }).events).toEqual(expected);
  });

  test("a deletion is passed over, and a message about something else rejected", () => {
    expect(readPushNotification({ payload: { ...push, action: "DELETE" } })).toMatchObject({
      events: [],
      rejected: [],
      passedOver: ['a message with the action "DELETE"'],
    });
    const other = { message: { data: "e30=" }, subscription: "s" };
    expect(readPushNotification({ payload: other })).toMatchObject({ events: [], rejected: [expect.any(String)] });
  });
});

test.each([
  ["us-iso-east-1", "123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov"],
  ["us-isob-east-1", "123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov"],
  ["cn-north-1", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"],
  ["us-gov-west-1", "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com"],
  ["evil.example.com/", undefined],
])("a push to Amazon ECR in the region %s is one to %s", (region, registry) => {
  const detail = { result: "SUCCESS", "action-type": "PUSH", "repository-name": "a", "image-tag": "v1" };
  const payload = { source: "aws.ecr", "detail-type": "ECR Image Action", account: "123456789012", region, detail };
  expect(readPushNotification({ payload }).events).toMatchObject([{ registry }]);
});
