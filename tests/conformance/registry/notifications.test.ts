import { expect, test } from "vitest";
import { isDigest } from "../../../src/model/packages/reference.ts";
import { notificationSenders } from "../../../src/registry/notifications/builtin.ts";
import { headerOf } from "../../../src/registry/notifications/notification-headers.ts";
import {
  isNotificationSigned,
  type NotificationSigner,
} from "../../../src/registry/notifications/notification-signature.ts";
import type { NotificationKind, PushNotification } from "../../../src/registry/notifications/push-notification.ts";
import { readPushNotification } from "../../../src/registry/notifications/read-push-notification.ts";
import { corpusBytes, corpusJson, describeWithCorpus } from "../../setup/corpus.ts";

const folder = ["platform", "registry", "webhooks"];

interface Expected {
  readonly registry: string | null;
  readonly repository: string;
  readonly tags: readonly string[];
  readonly digest: string | null;
}

interface Row {
  readonly id: string;
  readonly source: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly expect: { readonly events: readonly Expected[]; readonly rejected?: string };
}

/** The corpus has other words for these. */
const kinds: Readonly<Record<string, NotificationKind>> = {
  acr: "azure-container-registry",
  "aliyun-acr": "aliyun",
  cloudevents: "cloud-events",
  dockerhub: "docker-hub",
  ecr: "amazon-ecr",
};

// What is read otherwise than the corpus says, and why.
const differs: Readonly<Record<string, { readonly reason: string; readonly events: readonly Expected[] }>> = {
  "argocd-image-updater/aliyun_acr/TestAliyunACRWebhook_Parse.tests[2].payload": {
    reason: "namespace/repoTest has a capital letter, so that no reference can name it: it is rejected",
    events: [],
  },
  "argocd-image-updater/harbor/TestHarborWebhook_Parse.tests[6].payload": {
    reason: "its only name is a digest that is cut short, under which nothing can be asked for: it is rejected",
    events: [],
  },
  "keel/jfrog_webhook_trigger/.fakeJfrogWebhook": {
    reason: "keel reads neither the registry nor the digest, and the payload has both",
    events: [
      {
        registry: "example.jfrog.io",
        repository: "docker-remote-cache/library/ubuntu",
        tags: ["latest"],
        digest: "sha256:35c4a2c15539c6c1e4e5fa4e554dac323ad0107d8eb5c582d6ff386b383b7dce",
      },
    ],
  },
};

/** The corpus calls these rejected; here a deletion is no failure, and is passed over like any other thing that is no push. */
const deletions: readonly string[] = [
  "argocd-image-updater/acr/TestACRWebhook_Parse.tests[2].payload",
  "argocd-image-updater/harbor/TestHarborWebhook_Parse.tests[4].payload",
];

describeWithCorpus("notifications of pushes", () => {
  const rows = ["payloads.jsonl", "payloads-keel.jsonl"].flatMap((name) =>
    corpusBytes(...folder, name)
      .toString("utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Row),
  );
  const read = ({ headers, payload }: Row): PushNotification =>
    readPushNotification({ headers, body: JSON.stringify(payload) });

  test("each of 62 leads to its registry, repository, tags and digest, and to its sender", () => {
    for (const row of rows) {
      const { kind, events } = read(row);
      expect(kind, row.id).toBe(kinds[row.source] ?? row.source);
      const expected = differs[row.id]?.events ?? row.expect.events.map(withoutShortDigest);
      expect(
        events.map(({ registry = null, digest = null, ...rest }) => ({ ...rest, registry, digest })),
        row.id,
      ).toEqual(expected);
    }
    expect(rows).toHaveLength(62);
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining([...Object.keys(differs), ...deletions]));
  });

  test("each that is refused says why, and one without a push says what it is instead", () => {
    let refused = 0;
    for (const row of rows) {
      const { events, rejected, passedOver } = read(row);
      if (row.expect.rejected === undefined && differs[row.id]?.events.length !== 0) {
        expect(rejected, row.id).toEqual([]);
      } else {
        refused++;
        expect(deletions.includes(row.id) ? passedOver : rejected, row.id).toHaveLength(1);
      }
      expect(events.length + rejected.length + passedOver.length, row.id).toBeGreaterThan(0);
    }
    expect(refused).toBe(17);
  });

  test("each is known by its form without headers, and by no two senders", () => {
    for (const { id, source, payload, headers } of rows) {
      for (const header of [() => undefined, (name: string) => headerOf(headers, name)]) {
        const senders = notificationSenders.filter(({ isSender }) => isSender({ payload, header }));
        expect(
          senders.map((sender) => sender.id),
          id,
        ).toEqual([kinds[source] ?? source]);
      }
    }
  });

  test("nothing breaks when any one member of them has another type, at any depth", () => {
    let changed = 0;
    for (const row of rows) {
      for (const payload of damaged(row.payload)) {
        changed++;
        for (const { id: kind } of notificationSenders) {
          const { events } = readPushNotification({ kind, payload });
          for (const { digest, tags } of events) expect(digest === undefined && tags.length === 0).toBe(false);
        }
      }
    }
    expect(changed).toBeGreaterThan(5000);
  });
});

describeWithCorpus("signatures of notifications", () => {
  interface Signature {
    readonly source: string;
    readonly header: string;
    readonly value: string;
    readonly body: string;
    readonly secret: string;
    readonly valid: boolean | null;
    readonly note?: string;
  }
  const rows = corpusJson<Signature[]>(...folder, "signatures.json");

  test("each of 43 is judged as it should be, and those that may be either are judged at all", () => {
    let either = 0;
    for (const { source, header, value, body, secret, valid, note } of rows) {
      const signer = (source === "github/ghcr" ? "ghcr" : source) as NotificationSigner;
      const judged = isNotificationSigned({ signer, headers: { [header]: value }, body, secret });
      if (valid === null) either++;
      expect(judged, `${source} ${note}`).toEqual(valid ?? expect.any(Boolean));
      expect(isNotificationSigned({ signer, headers: { [header]: value }, body: Buffer.from(body), secret })).toBe(
        judged,
      );
    }
    expect(either).toBe(5);
    expect(rows).toHaveLength(43);
  });
});

/** The corpus keeps digests that are cut short and allows to drop them. */
function withoutShortDigest(event: Expected): Expected {
  return { ...event, digest: event.digest !== null && isDigest(event.digest) ? event.digest : null };
}

/** Copies of a value, each with one member replaced by something of another type. */
function* damaged(value: unknown): Generator<unknown> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const others = [null, 0, "", "a", [], [null], {}, { name: {} }, true, ...damaged(member)];
    for (const other of others) {
      yield Array.isArray(value) ? value.with(Number(key), other) : { ...value, [key]: other };
    }
  }
}
