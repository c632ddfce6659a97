import { assigned, token } from "../rule-forms.ts";
import type { SecretRule } from "../secret-rule.ts";
import { isNoPlaceholder } from "../validators.ts";

/** Keys and tokens of providers of clouds and of what is deployed in them. */
export const cloudRules: readonly SecretRule[] = [
  token(["aws-access-key-id", "AWS access key ID", "high"], "(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}", {
    ...{ keywords: ["akia", "asia", "abia", "acca"], shown: 4, validate: isNoPlaceholder, longest: 20 },
  }),
  assigned(
    ["aws-secret-access-key", "AWS secret access key", "critical"],
    ["aws_secret", "secret_access_key", "aws_key"],
    "[A-Za-z0-9/+]{40}",
    {
      ...{ keywords: ["aws", "secretaccess", "secret_access"], entropy: 4, validate: isNoPlaceholder },
    },
  ),
  assigned(
    ["aws-session-token", "AWS session token", "high"],
    ["aws_session_token", "aws_security_token"],
    "[A-Za-z0-9/+=]{100,1000}",
    {
      ...{ keywords: ["session_token", "security_token", "sessiontoken"], longest: 1000 },
    },
  ),
  token(["aws-bedrock-key", "Amazon Bedrock API key", "high"], "ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
  token(["google-api-key", "Google API key", "high"], "AIza[A-Za-z0-9_-]{35}", { longest: 39 }),
  token(["google-oauth-secret", "Google OAuth client secret", "high"], "GOCSPX-[A-Za-z0-9_-]{28}"),
  token(["google-access-token", "Google access token", "medium"], "ya29\\.[A-Za-z0-9_-]{60,300}", {
    keywords: ["ya29."],
  }),
  token(["google-refresh-token", "Google refresh token", "high"], "1//0[A-Za-z0-9_-]{40,120}", { keywords: ["1//0"] }),
  token(["azure-storage-key", "Azure storage account key", "critical"], "AccountKey=(?<secret>[A-Za-z0-9+/]{86}==)", {
    keywords: ["accountkey="],
    shown: 0,
  }),
  token(
    ["azure-client-secret", "Azure client secret", "high"],
    "(?<secret>[A-Za-z0-9_~.]{3}\\dQ~[A-Za-z0-9_~.-]{31,34})",
    { keywords: ["q~"], shown: 0 },
  ),
  token(["azure-devops-token", "Azure DevOps token", "high"], "(?<secret>[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})", {
    keywords: ["azdo"],
    shown: 0,
  }),
  token(["azure-shared-key", "Azure shared access key", "high"], "SharedAccessKey=(?<secret>[A-Za-z0-9+/]{43}=)", {
    keywords: ["sharedaccesskey="],
    shown: 0,
  }),
  token(
    ["azure-shared-signature", "Azure shared access signature", "medium"],
    "sig=(?<secret>[A-Za-z0-9%]{43,63}%3[Dd])",
    { keywords: ["sig="], shown: 0 },
  ),
  token(
    ["azure-container-registry-key", "Azure Container Registry key", "high"],
    "(?<secret>[A-Za-z0-9+/]{42}\\+ACR[A-Z][A-Za-z0-9]{5})",
    { keywords: ["+acr"], shown: 0 },
  ),
  token(
    ["azure-function-key", "Azure function key", "high"],
    "(?<secret>[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==)",
    { keywords: ["azfu"], shown: 0 },
  ),
  token(["alibaba-access-key-id", "Alibaba Cloud access key ID", "high"], "LTAI[A-Za-z0-9]{16,20}", {
    validate: isNoPlaceholder,
  }),
  token(["tencent-secret-id", "Tencent Cloud secret ID", "high"], "AKID[A-Za-z0-9]{32}"),
  token(["yandex-api-key", "Yandex Cloud API key", "high"], "AQVN[A-Za-z0-9_-]{35,38}"),
  token(["digitalocean-token", "DigitalOcean token", "high"], "do[opr]_v1_[a-f0-9]{64}", {
    keywords: ["dop_v1_", "doo_v1_", "dor_v1_"],
    shown: 7,
  }),
  token(["digitalocean-spaces-key", "DigitalOcean Spaces key", "high"], "DO00[A-Z0-9]{16}"),
  token(["heroku-api-key", "Heroku API key", "high"], "HRKU-AA[A-Za-z0-9_-]{58}"),
  token(["fly-token", "Fly.io token", "high"], "fm[12][ar]?_[A-Za-z0-9+/]{100,500}={0,3}", {
    keywords: ["fm1r_", "fm2_", "fm1a_", "fm1_"],
    shown: 4,
    longest: 520,
  }),
  token(["cloudflare-origin-ca-key", "Cloudflare origin CA key", "high"], "v1\\.0-[a-f0-9]{24}-[a-f0-9]{146}", {
    keywords: ["v1.0-"],
  }),
  assigned(["cloudflare-api-token", "Cloudflare API token", "high"], ["cloudflare"], "[A-Za-z0-9_-]{40}", {
    entropy: 4,
    validate: isNoPlaceholder,
  }),
  token(["databricks-token", "Databricks token", "high"], "dapi[a-f0-9]{32}(?:-\\d)?"),
  token(["doppler-token", "Doppler token", "high"], "dp\\.(?:pt|st|sa|ct|scim|audit)\\.[A-Za-z0-9_.-]{40,60}", {
    keywords: ["dp.pt.", "dp.st.", "dp.sa.", "dp.ct.", "dp.scim.", "dp.audit."],
    shown: 6,
  }),
  token(["vault-service-token", "HashiCorp Vault service token", "critical"], "hvs\\.[A-Za-z0-9_-]{24,120}", {
    keywords: ["hvs."],
    shown: 4,
  }),
  token(["vault-batch-token", "HashiCorp Vault batch token", "high"], "hvb\\.[A-Za-z0-9_-]{138,300}", {
    keywords: ["hvb."],
    shown: 4,
    longest: 310,
  }),
  token(["terraform-cloud-token", "HCP Terraform token", "high"], "[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,70}", {
    keywords: [".atlasv1."],
    shown: 0,
  }),
  token(["pulumi-token", "Pulumi access token", "high"], "pul-[a-f0-9]{40}"),
  token(["planetscale-token", "PlanetScale token", "high"], "pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}", {
    keywords: ["pscale_"],
  }),
  token(["supabase-token", "Supabase access token", "high"], "sbp_[a-f0-9]{40}"),
  token(["supabase-secret-key", "Supabase secret key", "high"], "sb_secret_[A-Za-z0-9_-]{31}"),
  token(["scalingo-token", "Scalingo token", "high"], "tk-us-[A-Za-z0-9_-]{48}"),
  token(["render-api-key", "Render API key", "high"], "rnd_[A-Za-z0-9]{32}"),
  token(["netlify-token", "Netlify token", "high"], "nfp_[A-Za-z0-9]{36}"),
  assigned(["vercel-token", "Vercel token", "high"], ["vercel"], "[A-Za-z0-9]{24}", {
    entropy: 3.6,
    validate: isNoPlaceholder,
  }),
  token(
    ["tailscale-key", "Tailscale key", "high"],
    "tskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{10,40}-[A-Za-z0-9]{20,60}",
    { keywords: ["tskey-"] },
  ),
  token(["openshift-token", "OpenShift user token", "high"], "sha256~[A-Za-z0-9_-]{43}", { keywords: ["sha256~"] }),
  token(["ibm-cloud-key", "IBM Cloud API key", "high"], "apikey-[a-f0-9]{8}-[A-Za-z0-9_-]{36}"),
  token(["octopus-api-key", "Octopus Deploy API key", "high"], "API-[A-Z0-9]{26}"),
  token(["infracost-key", "Infracost API key", "low"], "ico-[A-Za-z0-9]{32}"),
  token(["clickhouse-key", "ClickHouse Cloud key", "high"], "4b1d[A-Za-z0-9]{38}"),
  token(
    ["onepassword-account-token", "1Password service account token", "critical"],
    "ops_eyJ[A-Za-z0-9+/]{250,1000}={0,3}",
    { longest: 1020 },
  ),
  token(
    ["onepassword-secret-key", "1Password secret key", "high"],
    "A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}",
    { keywords: ["a3-"], entropy: 3.8 },
  ),
];
