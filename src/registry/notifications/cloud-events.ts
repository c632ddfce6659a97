import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import { isCdEvent, readCdEvent } from "./cd-event.ts";
import { readDistributionEvent } from "./distribution-event.ts";
import { ecrRegistry } from "./ecr-registry.ts";
import { isHarborCloudEvent } from "./harbor.ts";
import type { NotificationSender } from "./notification-sender.ts";
import { addressOf, objectOf, quoted, textOf } from "./payload-members.ts";
import type { ToldPush } from "./push-collector.ts";
import { isZotEvent } from "./zot.ts";

const push = /(?:^|[._/:-])(?:push|publish|upload|create|update)e?d?$/i;
/** A version at the end of a type: `.v1`, `.0.1.1`. */
const version = /(?:\.v?\d{1,9}){1,4}$/i;
/** Words for what registries hold: an event whose type has one is expected to name an image. */
const ofRegistries = /artifact|container|docker|image|manifest|registry|repository/i;
const azurePrefix = "Microsoft.ContainerRegistry.";

/**
 * A CloudEvent of anybody's whose type ends with a word for a push, before a version if it has one. Repository, tag and
 * digest are members of `data` under their usual names, or else the `subject` as `REPOSITORY:TAG`. The registry is a
 * member too, or the account and region of an event of Amazon's, or the source where that is an address. An event of
 * another kind, such as an order that was created, is passed over: neither its type nor its members name what a
 * registry holds. Azure's Event Grid sends events of Azure Container Registry, whose `data` has the form of
 * distribution. Those of CDEvents are read as {@link readCdEvent} says.
 *
 * Source: CloudEvents 1.0.2, "Required attributes", "subject"; Microsoft's documentation, "Azure Container Registry as
 * an Event Grid source".
 */
export const cloudEventsSender: NotificationSender = {
  id: "cloud-events",
  name: "CloudEvents",
  isSender: ({ payload }) =>
    textOf(payload["specversion"]) !== undefined && !isHarborCloudEvent(payload) && !isZotEvent(payload),
  read({ payload }, collector) {
    const type = textOf(payload["type"]);
    if (type === undefined) return collector.reject("an event without a type");
    if (type.startsWith(azurePrefix)) return readDistributionEvent(objectOf(payload["data"]), collector);
    if (isCdEvent(type)) return readCdEvent(type, objectOf(payload["data"]), collector);
    const told = toldBy(payload);
    if (!push.test(type.replace(version, "")) || !(ofRegistries.test(type) || namesAnything(payload, told))) {
      return collector.passOver(`unsupported CloudEvent type ${quoted(type)}`);
    }
    collector.push(told);
  },
};

/** True also for data that is not read, which may name an image. */
function namesAnything(payload: JsonObject, { repository, tag, digest }: ToldPush): boolean {
  const { data = {}, data_base64: encoded } = payload;
  return [repository, tag, digest, encoded].some((member) => member !== undefined) || !isJsonObject(data);
}

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
