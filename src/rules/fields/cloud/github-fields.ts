import type { ByteString } from "../../../model/events/kernel-event.ts";
import type { FieldCatalogue } from "../../language/field.ts";
import { catalogueOf } from "../json/field-rows.ts";
import type { GeneralFieldOptions } from "../json/general-fields.ts";
import type { JsonRuleEvent } from "../json/json-rule-event.ts";
import { valueAt } from "../json/json-value.ts";
import { arrayAt, commonRows, type ReadText, type TextField, textAt, textRows } from "./cloud-rows.ts";

/** Texts that are empty where an event does not have them, as the plugin has them. */
const texts: readonly TextField[] = [
  ["github.type", ["webhook_type"], "Event type: `push`, `repository`, `member`, …"],
  ["github.action", ["action"], "Action: `created`, `deleted`, …"],
  ["github.user", ["sender", "login"], "User who caused the event"],
  ["github.repo", ["repository", "html_url"], "URL of the repository; same as github.repo.url"],
  ["github.repo.url", ["repository", "html_url"], "URL of the repository"],
  ["github.repo.name", repositoryOf, "Name of the repository, with its owner"],
  ["github.repo.description", ["repository", "description"], "Description of the repository"],
  ["github.org", ["organization", "login"], "Organization"],
  ["github.owner", ["repository", "owner", "login"], "Owner of the repository"],
  ["github.repo.public", isPublic, "`true` for a public repository, `false` for a private one", "or missing"],
  ["github.collaborator.name", ["member", "login"], "Added or removed member"],
  ["github.collaborator.role", ["changes", "permission", "to"], "Permission of the added member"],
  ["github.webhook.id", (value) => textAt(value, "hook", "id") ?? "0", "ID of the webhook; 0 without a webhook"],
  ["github.webhook.type", ["hook", "type"], "Type of the webhook, such as `Repository`"],
  ["github.commit.added", filesOf("added"), "Files added by the push, comma-separated"],
  ["github.commit.modified", filesOf("modified"), "Files changed by the push, comma-separated"],
  ["github.commit.removed", filesOf("removed"), "Files removed by the push, comma-separated"],
  ["github.diff.has_secrets", hasSecrets, "`true` if a secret was found in the push"],
  [
    "github.diff.committed_secrets.desc",
    secrets(({ match }) => textAt(match, "desc")),
    "Types of the secrets",
    "or missing",
  ],
  [
    "github.diff.committed_secrets.files",
    secrets(({ file }) => textAt(file, "name")),
    "Files of the secrets",
    "or missing",
  ],
  ["github.diff.committed_secrets.lines", secrets(({ match }) => lineOf(match)), "Lines of the secrets", "or missing"],
  ["github.diff.committed_secrets.links", secrets(linkOf), "URLs of the secrets on GitHub"],
  ["github.workflow.has_miners", hasMiners, "`true` if a miner was found in the workflow run", "or missing"],
  ["github.workflow.miners.type", minersOf, "Miners found in the workflow run", "or missing"],
  ["github.workflow.filename", ["workflow", "path"], "File of the workflow"],
];

/**
 * The fields of the source `github`, webhook events of GitHub with their type in `webhook_type`: `github.*`, and those
 * of any JSON. They follow the github plugin of Falco, save that lists have a comma between all their parts, and that
 * an event without a repository has no `github.repo.public`. Secrets and miners are those that `files` and
 * `workflow_miner_detections` of the event name, which the plugin adds: nothing is fetched.
 */
export function githubFields(options: GeneralFieldOptions = {}): FieldCatalogue<JsonRuleEvent> {
  return catalogueOf([...commonRows("github", { options, info: lineOfEvent }), ...textRows(texts, "")]);
}

function lineOfEvent(value: unknown): ByteString {
  const parts: readonly (readonly [string, ByteString | undefined])[] = [
    [" user:", textAt(value, "sender", "login")],
    [" repo:", textAt(value, "repository", "html_url")],
    [" action:", textAt(value, "action")],
  ];
  const known = parts.filter(([, text]) => text !== undefined).map(([label, text]) => `${label}${text}`);
  return `github ${textAt(value, "webhook_type") ?? ""}${known.join("")}`;
}

function repositoryOf(value: unknown): ByteString | undefined {
  return textAt(value, "repository", "html_url")?.replace(/^https:\/\/github\.com\//, "");
}

function isPublic(value: unknown): ByteString | undefined {
  const repository = valueAt(value, ["repository"]);
  if (repository === undefined || repository === null) return undefined;
  return valueAt(repository, ["private"]) === true ? "false" : "true";
}

function filesOf(change: string): ReadText {
  return (value) =>
    arrayAt(value, "commits")
      .flatMap((commit) => arrayAt(commit, change))
      .map((name) => textAt(name))
      .filter((name) => name !== undefined)
      .join(",");
}

interface SecretPlace {
  readonly event: unknown;
  readonly file: unknown;
  readonly match: unknown;
}

/** A part of each secret, with commas between; undefined for an event that was not looked into. */
function secrets(part: (place: SecretPlace) => ByteString | undefined): ReadText {
  return (event) => {
    if (!Array.isArray(valueAt(event, ["files"]))) return undefined;
    return arrayAt(event, "files")
      .flatMap((file) => arrayAt(file, "matches").map((match) => part({ event, file: file, match }) ?? ""))
      .join(",");
  };
}

function hasSecrets(event: unknown): ByteString | undefined {
  const files = valueAt(event, ["files"]);
  if (!Array.isArray(files)) return undefined;
  return String(files.some((file) => arrayAt(file, "matches").length > 0));
}

function lineOf(match: unknown): ByteString {
  return textAt(match, "line") ?? "0";
}

function linkOf({ event, file, match }: SecretPlace): ByteString {
  const repository = textAt(event, "repository", "html_url") ?? "";
  const commit = textAt(event, "head_commit", "id") ?? "";
  return `${repository}/blob/${commit}/${textAt(file, "name") ?? ""}/#L${lineOf(match)}`;
}

function hasMiners(event: unknown): ByteString | undefined {
  const found = valueAt(event, ["workflow_miner_detections", "matches"]);
  return Array.isArray(found) ? String(found.length > 0) : undefined;
}

function minersOf(event: unknown): ByteString | undefined {
  if (!Array.isArray(valueAt(event, ["workflow_miner_detections", "matches"]))) return undefined;
  const types = arrayAt(event, "workflow_miner_detections", "matches").map((match) => textAt(match, "type") ?? "");
  return [...new Set(types)].join(",");
}
