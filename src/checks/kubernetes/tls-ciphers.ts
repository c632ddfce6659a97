import { elementsOf, findSetting, type SettingPlace, settingEvidence } from "./find-setting.ts";
import type { SettingDescription } from "./setting-check.ts";

/**
 * Suites with forward secrecy and authenticated encryption; those of TLS 1.3 cannot be chosen and are all of this kind.
 */
const strong: ReadonlySet<string> = new Set([
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
  "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
]);

/** True when every suite of a list has forward secrecy and authenticated encryption. */
export function areStrongCiphers(value: string): boolean {
  const suites = elementsOf(value);
  return suites.length > 0 && suites.every((suite) => strong.has(suite));
}

/** Passes before the suites are checked when only TLS 1.3 is allowed, which has no suites to choose. */
export function decidedByVersion(place: SettingPlace): NonNullable<SettingDescription["before"]> {
  return (component) => {
    const version = findSetting(component, place);
    if (version.kind !== "set" || version.value !== "VersionTLS13") return undefined;
    return {
      state: "pass",
      evidence: [settingEvidence(`--${place.flag}`, { setting: version, expected: "strong cipher suites only" })],
    };
  };
}
