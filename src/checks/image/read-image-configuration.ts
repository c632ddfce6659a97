import { isJsonObject, type JsonObject } from "../../model/objects/json-object.ts";
import type { ImageConfiguration, ImageHistoryEntry } from "./image-facts.ts";

const mostItems = 10_000;

/** Reads the parsed JSON of an image's configuration. Values of an unexpected type are left out. */
export function readImageConfiguration(json: unknown): ImageConfiguration {
  const root = asObject(json);
  const config = asObject(root["config"]);
  const healthCheck = strings(asObject(config["Healthcheck"])["Test"]);
  return {
    user: asString(config["User"]),
    isWindows: root["os"] === "windows",
    environment: strings(config["Env"]),
    exposedPorts: keys(config["ExposedPorts"]),
    volumes: keys(config["Volumes"]),
    labels: Object.fromEntries(Object.entries(asObject(config["Labels"])).filter(isStringEntry).slice(0, mostItems)),
    entrypoint: strings(config["Entrypoint"]),
    command: strings(config["Cmd"]),
    ...(healthCheck.length === 0 ? {} : { healthCheck }),
    history: list(root["history"]).map(readHistory),
  };
}

function readHistory(value: unknown): ImageHistoryEntry {
  const entry = asObject(value);
  return { createdBy: asString(entry["created_by"]), isEmptyLayer: entry["empty_layer"] === true };
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function asString(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, mostItems) : [];
}

function strings(value: unknown): string[] {
  return list(value).filter((item) => typeof item === "string");
}

function keys(value: unknown): string[] {
  return Object.keys(asObject(value)).slice(0, mostItems);
}

function isStringEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}
