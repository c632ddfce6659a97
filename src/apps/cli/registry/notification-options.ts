import { type Command, Option } from "commander";
import { PlimsollError } from "../../../model/error.ts";
import { registryName } from "./registry-options.ts";

/** The options for scanning what a notification names, as commander gives them. */
export interface NotificationFlags {
  /** A path; `-` is stdin. */
  readonly notification?: string;
  readonly notificationRegistry?: string;
}

/** True when a notification says what is scanned. Error: `usage` for the registry of none. */
export function isForNotification({ notification, notificationRegistry }: NotificationFlags): boolean {
  if (notification !== undefined || notificationRegistry === undefined) return notification !== undefined;
  throw new PlimsollError("usage", "--notification-registry needs --notification", {
    hint: "Add --notification FILE; - is standard input.",
  });
}

/** Adds the options for scanning what a notification names. */
export function addNotificationOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--notification <file>", "scan the images in a registry's notification; - is stdin").hideHelp(),
    )
    .addOption(
      new Option(
        "--notification-registry <host>",
        "scan images from this registry instead of the one in the notification",
      )
        .hideHelp()
        .argParser(registryName),
    );
}
