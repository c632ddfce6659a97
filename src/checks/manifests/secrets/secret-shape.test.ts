import { expect, test } from "vitest";
import { isSecretName, secretShape } from "./secret-shape.ts";

test.each([
  "DB_PASSWORD",
  "password",
  "apiKey",
  "aws_access_key_id",
  "CLIENT_SECRET",
  "github-token",
  "pwd",
  "MYSQL_ROOT_PASSWORD",
  "azure_batch_key",
])("%s is the name of a secret", (name) => expect(isSecretName(name)).toBe(true));

test.each([
  "DB_HOST",
  "PASSWORD_FILE",
  "TOKEN_URL",
  "secretName",
  "tokenTTL",
  "KEY",
  "monkey",
  "passenger",
  "COMPASS",
  "TOKEN_EXPIRATION",
  "passwordPattern",
  "password_regex",
])("%s is not", (name) => expect(isSecretName(name)).toBe(false));

test.each([
  ["A", "AKIAIOSFODNN7EXAMPLE", "an AWS access key"],
  ["A", "-----BEGIN RSA PRIVATE KEY-----\nMII", "a private key"],
  ["A", `ghp_${"a".repeat(36)}`, "a GitHub token"],
  ["A", "postgres://user:pass@db/x", "a URL with a password"],
  ["A", "Bearer abcdefghijkl", "a bearer token"],
  ["DB_PASSWORD", "correct-horse", "named as a secret"],
  ["DB_PASSWORD", "$" + "{DB_PASSWORD}", undefined],
  ["DB_PASSWORD", "$(DB_PASSWORD)", undefined],
  ["DB_PASSWORD", "/run/secrets/db", undefined],
  ["DB_PASSWORD", "changeme", undefined],
  ["DB_PASSWORD", "", undefined],
  ["DB_PASSWORD", "INSERT_PASSWORD_HERE", undefined],
  ["DB_PASSWORD", "INSERT_YOUR_KEY", undefined],
  ["DB_PASSWORD", "CHANGE_ME", undefined],
  ["DB_PASSWORD", "<your-token>", undefined],
  ["DB_PASSWORD", "your-api-key", undefined],
  ["DB_PASSWORD", "REPLACE_WITH_SECRET", undefined],
  ["DB_PASSWORD", "__PLACEHOLDER__", undefined],
  ["k8s_auth_token", "__SERVICEACCOUNT_TOKEN__", undefined],
  ["GOOGLE_API_KEY", "GOOGLE_API_KEY_VAL", undefined],
  ["DB_PASSWORD", "DB_PASSWORD", undefined],
  ["credentialsSecret", "jaeger-creds", undefined],
  ["credentialsSecret", "hunter2", "named as a secret"],
  ["DB_PASSWORD", "DB_PASSWORD_42", "named as a secret"],
  ["DB_PASSWORD", "db-password", "named as a secret"],
  ["DB_PASSWORD", "__x__", "named as a secret"],
  ["DB_PASSWORD", "{{ .Values.password }}", undefined],
  ["DB_PASSWORD", "xxxxxxxx", undefined],
  ["DB_PASSWORD", "insert-coin-42", "named as a secret"],
  ["DB_PASSWORD", "change-of-heart", "named as a secret"],
  ["DB_PASSWORD", "your-mother", "named as a secret"],
  ["DB_PASSWORD", "ADD4F-77", "named as a secret"],
  ["DB_URL", "postgres://db/x", undefined],
])("%s = %s is %s", (name, value, shape) => {
  expect(secretShape(name, value)).toBe(shape);
});

test("a long value is looked at soon", () => {
  for (const piece of ["a", "/", "eyJ", "-----BEGIN ", "x://a:"]) {
    const start = piece.repeat(100_000);
    expect(() => secretShape("A", start)).not.toThrow();
  }
});
