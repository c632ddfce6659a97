import type { JsonObject } from "../../model/json-object.ts";
import { ecrRegistry } from "./ecr-registry.ts";
import { isHarborCloudEvent } from "./harbor.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { addressOf, objectOf, quoted, textOf } from "./payload-members.ts";
import type { ToldPush } from "./push-collector.ts";
import { isZotEvent } from "./zot.ts";

const push = /(?:^|[._/:-])(?:push|publish|upload|create|update)e?d?$/i;

/**
 * A CloudEvent of anybody's whose type ends with a word for a push. Repository, tag and digest are members of `data`
 * under their usual names, or else the `subject` as `REPOSITORY:TAG`. The registry is a member too, or the account and
 * region of an event of Amazon's, or the source where that is an address.
 *
 * Source: CloudEvents 1.0.2, "Required attributes", "subject".
 */
export const cloudEventsSender: NotificationSender = {
  id: "cloud-events",
  name: "CloudEvents",
  isSender: ({ payload }) =>
    textOf(payload["specversion"]) !== undefined && !isHarborCloudEvent(payload) && !isZotEvent(payload),
  read({ payload }, collector) {
    const type = textOf(payload["type"]);
    if (type === undefined) collector.reject("an event without a type");
    else if (push.test(type)) collector.push(toldBy(payload));
    else collector.passOver(`an event of the type ${quoted(type)}`);
  },
};

function toldBy(payload: JsonObject): ToldPush {
  const { repository, repositoryName, tag, imageTag, digest, imageDigest, ...data } = objectOf(payload["data"]);
  const [subjectName, subjectTag] = partsOf(textOf(payload["subject"]) ?? "");
  const source = textOf(payload["source"]) ?? "";
  return {
    registry:
      textOf(data["registryUrl"]) ?? textOf(data["registry"]) ?? amazonRegistry(source, data) ?? addressOf(source),
    repository: textOf(repository) ?? textOf(repositoryName) ?? subjectName,
    tag: textOf(tag) ?? textOf(imageTag) ?? subjectTag,
    digest: textOf(digest) ?? imageDigest,
  };
}

function partsOf(subject: string): readonly [string | undefined, string | undefined] {
  const at = subject.indexOf("@");
  const colon = at >= 0 ? at : subject.indexOf(":");
  return colon <= 0 ? [undefined, undefined] : [subject.slice(0, colon), subject.slice(colon + 1)];
}

/** The source is `urn:aws:ecr:REGION:ACCOUNT:repository/NAME`. */
function amazonRegistry(source: string, { registryId }: JsonObject): string | undefined {
  const [, aws, service, region, account] = source.split(":", 6);
  return aws === "aws" && service === "ecr" ? ecrRegistry(textOf(registryId) ?? account, region) : undefined;
}
