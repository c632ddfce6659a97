import type { SecretRule } from "../secret-rule.ts";
import { cloudRules } from "./cloud.ts";
import { developmentRules } from "./development.ts";
import { keyRules } from "./keys.ts";
import { passwordRules } from "./passwords.ts";
import { serviceRules } from "./services.ts";

/** Every kind of secret that Plimsoll knows; those of a stated form before those that only a name gives away. */
export const secretRules: readonly SecretRule[] = [
  ...cloudRules,
  ...developmentRules,
  ...serviceRules,
  ...keyRules,
  ...passwordRules,
];
