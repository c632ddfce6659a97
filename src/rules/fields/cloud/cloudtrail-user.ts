import type { ByteString } from "../../../model/events/kernel-event.ts";
import { textAt } from "./cloud-rows.ts";

/**
 * The caller: the user, the role that was assumed, the service, or the kind of identity where it does not have a name.
 */
export function callerOf(record: unknown): ByteString | undefined {
  const type = textAt(record, "userIdentity", "type");
  switch (type) {
    case "Root":
    case "IAMUser":
      return textAt(record, "userIdentity", "userName");
    case "AWSService":
      return textAt(record, "userIdentity", "invokedBy");
    case "AssumedRole":
      return textAt(record, "userIdentity", "sessionContext", "sessionIssuer", "userName") ?? type;
    case "AWSAccount":
    case "FederatedUser":
      return type;
    default:
      return undefined;
  }
}

/** The original caller: for an assumed role the name of its session, else the user. */
export function originalCallerOf(record: unknown): ByteString | undefined {
  if (textAt(record, "userIdentity", "type") !== "AssumedRole") return textAt(record, "userIdentity", "userName");
  const ofArn = textAt(record, "userIdentity", "arn")?.split("/");
  if (ofArn?.length === 3) return ofArn[2];
  const ofPrincipal = textAt(record, "userIdentity", "principalId")?.split(":");
  return ofPrincipal?.length === 2 ? ofPrincipal[1] : undefined;
}
