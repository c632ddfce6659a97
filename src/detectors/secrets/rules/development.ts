import { assigned, token } from "../rule-forms.ts";
import type { SecretRule } from "../secret-rule.ts";
import { hasChecksum, isBasicAuth, isNoPlaceholder } from "../validators.ts";

/** Tokens of version control, package registries, and what builds and tests software. */
export const developmentRules: readonly SecretRule[] = [
  token(["github-token", "GitHub token", "critical"], "gh[pousr]_[A-Za-z0-9]{36}", {
    ...{ keywords: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], shown: 4, validate: hasChecksum, longest: 40 },
  }),
  token(
    ["github-fine-grained-token", "GitHub fine-grained token", "critical"],
    "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
  ),
  token(
    ["gitlab-access-token", "GitLab access token", "critical"],
    "glpat-[A-Za-z0-9_-]{20,300}(?:\\.[a-z0-9]{2}\\.[a-z0-9]{7,9})?",
  ),
  token(["gitlab-deploy-token", "GitLab deploy token", "high"], "gldt-[A-Za-z0-9_-]{20,60}"),
  token(
    ["gitlab-runner-token", "GitLab runner token", "high"],
    "glrt-[A-Za-z0-9_-]{20,300}(?:\\.[a-z0-9]{2}\\.[a-z0-9]{7,9})?",
  ),
  token(["gitlab-runner-registration-token", "GitLab runner registration token", "high"], "GR1348941[A-Za-z0-9_-]{20}"),
  token(["gitlab-trigger-token", "GitLab pipeline trigger token", "high"], "glptt-[a-f0-9]{40}"),
  token(["gitlab-job-token", "GitLab CI job token", "medium"], "glcbt-[a-z0-9]{1,5}_[A-Za-z0-9_-]{20}"),
  token(["gitlab-feed-token", "GitLab feed token", "medium"], "glft-[A-Za-z0-9_-]{20}"),
  token(["gitlab-mail-token", "GitLab incoming mail token", "medium"], "glimt-[A-Za-z0-9_-]{25}"),
  token(["gitlab-agent-token", "GitLab agent token", "high"], "glagent-[A-Za-z0-9_-]{50,60}"),
  token(["gitlab-oauth-secret", "GitLab OAuth secret", "high"], "gloas-[a-f0-9]{64}"),
  token(["gitlab-scim-token", "GitLab SCIM token", "high"], "glsoat-[A-Za-z0-9_-]{20}"),
  token(["gitlab-feature-flag-token", "GitLab feature flag token", "low"], "glffct-[A-Za-z0-9_-]{20}"),
  token(["bitbucket-app-password", "Bitbucket app password", "high"], "ATBB[A-Za-z0-9]{32}"),
  token(["bitbucket-access-token", "Bitbucket access token", "high"], "ATCTT3xFfG[A-Za-z0-9_=-]{150,260}"),
  token(["atlassian-api-token", "Atlassian API token", "high"], "ATATT3xFfGF0[A-Za-z0-9_=-]{150,260}"),
  token(["npm-token", "npm token", "critical"], "npm_[A-Za-z0-9]{36}", { validate: hasChecksum, longest: 40 }),
  token(
    ["npm-registry-auth", "npm registry token", "high"],
    "_authToken\\s?=\\s?[\"']?(?<secret>[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})",
    { keywords: ["_authtoken"], shown: 0 },
  ),
  token(
    ["npm-basic-auth", "npm registry password", "high"],
    "_(?:auth|password)\\s?=\\s?[\"']?(?<secret>[A-Za-z0-9+/]{8,300}={0,2})",
    { keywords: ["_auth", "_password"], shown: 0, guessable: true, validate: isBasicAuth },
  ),
  token(["pypi-token", "PyPI token", "critical"], "pypi-AgE[A-Za-z0-9_-]{60,300}", { longest: 310 }),
  token(["rubygems-key", "RubyGems API key", "critical"], "rubygems_[a-f0-9]{48}"),
  token(["nuget-key", "NuGet API key", "critical"], "oy2[a-z0-9]{43}"),
  token(["crates-token", "crates.io token", "critical"], "cio[A-Za-z0-9]{32}", { entropy: 4 }),
  token(["clojars-token", "Clojars token", "high"], "CLOJARS_[a-z0-9]{60}"),
  token(["docker-hub-token", "Docker Hub access token", "critical"], "dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,40}", {
    keywords: ["dckr_pat_", "dckr_oat_"],
  }),
  token(
    ["docker-config-auth", "registry password in a Docker configuration", "critical"],
    '"auth"\\s{0,5}:\\s{0,5}"(?<secret>[A-Za-z0-9+/]{8,600}={0,2})"',
    { keywords: ['"auth"'], shown: 0, guessable: true, validate: isBasicAuth, longest: 640 },
  ),
  token(["artifactory-key", "Artifactory API key", "high"], "AKCp[A-Za-z0-9]{69}"),
  token(["artifactory-reference-token", "Artifactory reference token", "high"], "cmVmdGtu[A-Za-z0-9]{56}"),
  token(["packagist-token", "Packagist token", "high"], "packagist_[ou][ru]t_[a-f0-9]{68}", {
    keywords: ["packagist_"],
  }),
  token(["circleci-token", "CircleCI token", "high"], "CCIP[AR]T_[A-Za-z0-9]{22}_[a-f0-9]{40}", {
    keywords: ["ccipat_", "cciprt_"],
  }),
  token(["buildkite-token", "Buildkite token", "high"], "bk(?:ua|ct|at|ar)_[a-f0-9]{40}", {
    keywords: ["bkua_", "bkct_", "bkat_", "bkar_"],
    shown: 5,
  }),
  assigned(["travis-token", "Travis CI token", "medium"], ["travis_token", "travis_api"], "[A-Za-z0-9_-]{20,22}", {
    validate: isNoPlaceholder,
    entropy: 3.5,
  }),
  token(["sonar-token", "SonarQube token", "high"], "sq[uap]_[a-f0-9]{40}", {
    keywords: ["squ_", "sqa_", "sqp_"],
    shown: 4,
  }),
  assigned(
    ["snyk-token", "Snyk token", "high"],
    ["snyk"],
    "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
  ),
  assigned(
    ["codecov-token", "Codecov token", "medium"],
    ["codecov"],
    "[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
  ),
  token(["postman-key", "Postman API key", "high"], "PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
  token(["prefect-token", "Prefect token", "high"], "pnu_[A-Za-z0-9]{36}"),
  token(["readme-token", "ReadMe API key", "high"], "rdme_[a-z0-9]{70}"),
  token(["unkey-key", "Unkey root key", "high"], "unkey_[A-Za-z0-9]{20,40}"),
  token(
    ["launchdarkly-token", "LaunchDarkly token", "high"],
    "api-[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[a-f0-9]{4}-[a-f0-9]{12}",
  ),
  token(
    ["launchdarkly-sdk-key", "LaunchDarkly SDK key", "medium"],
    "sdk-[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[a-f0-9]{4}-[a-f0-9]{12}",
  ),
];
