import { expect, test } from "vitest";
import { parseProfiles } from "./profile-file.ts";

const text = [
  "ignored = before any section",
  "# a comment",
  "[default]",
  "Region=eu-west-1",
  "[profile team] ; who",
  "aws_access_key_id = ID # comment",
  "aws_secret_access_key = a#b=c/",
  "s3 =",
  "  aws_access_key_id = nested",
  "[profile team]",
  "region = us-east-1",
  "[sso-session x]",
  "region = nowhere",
  "[other]",
  "region = not a profile here",
].join("\r\n");

test("profiles of the configuration have a word before their name", () => {
  const profiles = parseProfiles(text, "config");
  expect([...profiles.keys()]).toEqual(["default", "team"]);
  expect(profiles.get("default")?.get("region")).toBe("eu-west-1");
  expect(Object.fromEntries(profiles.get("team") ?? [])).toEqual({
    aws_access_key_id: "ID",
    aws_secret_access_key: "a#b=c/",
    s3: "",
    region: "us-east-1",
  });
});

test("sections of the credentials are names", () => {
  const profiles = parseProfiles("[team]\naws_access_key_id=1\n[default]\n[team]\naws_access_key_id=2", "credentials");
  expect(profiles.get("team")?.get("aws_access_key_id")).toBe("2");
});

test("all settings of a profile may be indented alike, and what is deeper belongs to the one above", () => {
  const indented =
    "[default]\n  aws_access_key_id = 1\n\n  # keys\n\ts3 =\n\t\tregion = nested\n[team]\n\tregion = there";
  const profiles = parseProfiles(indented, "credentials");
  expect(Object.fromEntries(profiles.get("default") ?? [])).toEqual({ aws_access_key_id: "1", s3: "" });
  expect(profiles.get("team")?.get("region")).toBe("there");
});

test.each(['"my dev"', "'my dev'", "my dev"])("[profile %s] is the profile my dev", (name) => {
  expect(parseProfiles(`[profile ${name}]\nregion = x`, "config").get("my dev")?.get("region")).toBe("x");
});

test("what is not a file of profiles has none", () => {
  expect(parseProfiles("\u0000[unclosed\n=x\n]\n[]", "config").size).toBe(0);
});
