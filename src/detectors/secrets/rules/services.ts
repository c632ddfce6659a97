import { assigned, token } from "../rule-forms.ts";
import type { SecretRule } from "../secret-rule.ts";
import { isNoPlaceholder } from "../validators.ts";

/** Tokens of services for messages, payment, artificial intelligence, monitoring and documents. */
export const serviceRules: readonly SecretRule[] = [
  token(["slack-bot-token", "Slack bot token", "high"], "xoxb-\\d{9,14}-\\d{9,14}-[A-Za-z0-9]{18,36}"),
  token(["slack-user-token", "Slack user token", "high"], "xox[pe]-(?:\\d{9,14}-){3}[A-Za-z0-9]{28,64}", {
    keywords: ["xoxp-", "xoxe-"],
    shown: 5,
  }),
  token(["slack-app-token", "Slack app token", "high"], "xapp-\\d-[A-Z0-9]{9,12}-\\d{10,14}-[a-z0-9]{50,80}"),
  token(["slack-legacy-token", "Slack legacy token", "high"], "xox[aors]-[A-Za-z0-9-]{20,80}", {
    keywords: ["xoxa-", "xoxo-", "xoxr-", "xoxs-"],
    shown: 5,
    entropy: 3,
  }),
  token(
    ["slack-webhook", "Slack webhook", "medium"],
    "hooks\\.slack\\.com/(?:services|workflows|triggers)/(?<secret>[A-Za-z0-9+/]{43,60})",
    { keywords: ["hooks.slack.com"], shown: 0, validate: isNoPlaceholder },
  ),
  token(
    ["discord-webhook", "Discord webhook", "medium"],
    "discord(?:app)?\\.com/api/webhooks/(?<secret>\\d{17,20}/[A-Za-z0-9_-]{60,70})",
    { keywords: ["/api/webhooks/"], shown: 0 },
  ),
  token(
    ["discord-bot-token", "Discord bot token", "high"],
    "(?<secret>[MNO][A-Za-z0-9]{23,25}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,38})",
    { keywords: ["discord"], shown: 0 },
  ),
  token(["telegram-bot-token", "Telegram bot token", "high"], "(?<secret>\\d{8,10}:AA[A-Za-z0-9_-]{33})", {
    keywords: [":aa"],
    shown: 0,
  }),
  token(
    ["teams-webhook", "Microsoft Teams webhook", "medium"],
    "webhook\\.office\\.com/webhookb2/(?<secret>[a-f0-9-]{36}@[a-f0-9-]{36}/IncomingWebhook/[a-f0-9]{32}/[a-f0-9-]{36})",
    { keywords: ["webhook.office.com"], shown: 0 },
  ),
  token(["twilio-api-key", "Twilio API key", "high"], "SK[a-f0-9]{32}", { keywords: ["twilio"], shown: 2 }),
  token(["sendgrid-key", "SendGrid API key", "high"], "SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}", {
    keywords: ["sg."],
    shown: 3,
  }),
  token(["mailgun-key", "Mailgun key", "high"], "key-[a-f0-9]{32}"),
  token(["mailchimp-key", "Mailchimp API key", "high"], "(?<secret>[a-f0-9]{32}-us\\d{1,2})", {
    keywords: ["-us"],
    shown: 0,
  }),
  token(["brevo-key", "Brevo API key", "high"], "xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
  token(["brevo-smtp-key", "Brevo SMTP key", "high"], "xsmtpsib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
  token(["resend-key", "Resend API key", "high"], "re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}", {
    keywords: ["re_"],
    entropy: 3.8,
  }),
  token(["mapbox-token", "Mapbox secret token", "high"], "sk\\.eyJ[A-Za-z0-9_-]{60,100}\\.[A-Za-z0-9_-]{22}", {
    keywords: ["sk.eyj"],
    shown: 3,
  }),
  token(["stripe-live-key", "Stripe live key", "critical"], "[rs]k_live_[A-Za-z0-9]{24,247}", {
    keywords: ["sk_live_", "rk_live_"],
    shown: 8,
    longest: 260,
  }),
  token(["stripe-test-key", "Stripe test key", "low"], "[rs]k_test_[A-Za-z0-9]{24,247}", {
    keywords: ["sk_test_", "rk_test_"],
    shown: 8,
    longest: 260,
  }),
  token(["stripe-webhook-secret", "Stripe webhook secret", "high"], "whsec_[A-Za-z0-9]{32,64}"),
  token(["square-access-token", "Square access token", "critical"], "EAAA[A-Za-z0-9_-]{60}"),
  token(["square-oauth-secret", "Square OAuth secret", "high"], "sq0csp-[A-Za-z0-9_-]{43}"),
  token(["square-token", "Square token", "high"], "sq0atp-[A-Za-z0-9_-]{22}"),
  token(
    ["braintree-token", "Braintree access token", "critical"],
    "access_token\\$production\\$[a-z0-9]{16}\\$[a-f0-9]{32}",
    { keywords: ["access_token$production$"], shown: 23 },
  ),
  token(
    ["plaid-token", "Plaid access token", "high"],
    "access-(?:production|development)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
    { keywords: ["access-production-", "access-development-"] },
  ),
  token(["shopify-token", "Shopify token", "high"], "shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{32}", {
    keywords: ["shpat_", "shpca_", "shppa_", "shpss_", "shpua_"],
    shown: 6,
  }),
  token(["flutterwave-key", "Flutterwave secret key", "high"], "FLWSECK-[a-f0-9]{32}-X"),
  token(["razorpay-key", "Razorpay live key", "high"], "rzp_live_[A-Za-z0-9]{14}"),
  token(
    ["adyen-key", "Adyen API key", "high"],
    "AQE[a-z][A-Za-z0-9+/]{60,200}={0,2}-[A-Za-z0-9+/]{30,60}={0,2}-[^\\s\"']{10,30}",
    { keywords: ["aqe"] },
  ),
  token(["easypost-key", "EasyPost production key", "high"], "EZAK[A-Za-z0-9]{54}"),
  token(["duffel-token", "Duffel live token", "high"], "duffel_live_[A-Za-z0-9_-]{43}"),
  token(["shippo-token", "Shippo live token", "high"], "shippo_live_[a-f0-9]{40}"),
  token(
    ["openai-key", "OpenAI API key", "high"],
    "sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,80}T3BlbkFJ[A-Za-z0-9_-]{20,80}",
    { keywords: ["t3blbkfj"], shown: 3 },
  ),
  token(["anthropic-key", "Anthropic API key", "high"], "sk-ant-(?:api|admin|oat)\\d{2}-[A-Za-z0-9_-]{80,120}", {
    keywords: ["sk-ant-"],
  }),
  token(["hugging-face-token", "Hugging Face token", "high"], "hf_[A-Za-z]{34}"),
  token(["hugging-face-organisation-token", "Hugging Face organisation token", "high"], "api_org_[A-Za-z]{34}"),
  token(["replicate-token", "Replicate token", "high"], "r8_[A-Za-z0-9]{37}"),
  token(["groq-key", "Groq API key", "high"], "gsk_[A-Za-z0-9]{52}"),
  token(["perplexity-key", "Perplexity API key", "high"], "pplx-[A-Za-z0-9]{48}"),
  token(["openrouter-key", "OpenRouter API key", "high"], "sk-or-v1-[a-f0-9]{64}"),
  token(["xai-key", "xAI API key", "high"], "xai-[A-Za-z0-9]{70,90}"),
  token(["langsmith-key", "LangSmith API key", "high"], "lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}", {
    keywords: ["lsv2_"],
  }),
  token(["nvidia-key", "NVIDIA API key", "high"], "nvapi-[A-Za-z0-9_-]{60,80}"),
  token(["pinecone-key", "Pinecone API key", "high"], "pcsk_[A-Za-z0-9]{5,8}_[A-Za-z0-9]{60,70}"),
  token(["newrelic-user-key", "New Relic user key", "high"], "NRAK-[A-Z0-9]{27}"),
  token(["newrelic-insert-key", "New Relic insert key", "medium"], "NRII-[A-Za-z0-9_-]{32}"),
  token(["newrelic-browser-key", "New Relic browser key", "low"], "NRJS-[a-f0-9]{19}"),
  assigned(
    ["datadog-key", "Datadog API key", "high"],
    ["datadog", "dd_api_key", "dd_app_key"],
    "[a-f0-9]{32}(?:[a-f0-9]{8})?",
    { keywords: ["datadog", "dd_api", "dd_app"], entropy: 3 },
  ),
  token(["grafana-cloud-token", "Grafana Cloud token", "high"], "glc_[A-Za-z0-9+/]{60,400}={0,3}", { longest: 410 }),
  token(["grafana-service-token", "Grafana service account token", "high"], "glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
  token(["grafana-api-key", "Grafana API key", "high"], "eyJrIjoi[A-Za-z0-9]{70,400}={0,3}", {
    keywords: ["eyjrijoi"],
    shown: 0,
    longest: 410,
  }),
  token(
    ["sentry-organisation-token", "Sentry organisation token", "high"],
    "sntrys_eyJpYXQi[A-Za-z0-9+/=]{20,300}_[A-Za-z0-9+/]{43}",
    { longest: 380 },
  ),
  token(["sentry-user-token", "Sentry user token", "high"], "sntryu_[a-f0-9]{64}"),
  token(["honeycomb-key", "Honeycomb ingest key", "medium"], "hc[a-z]i[kc]_[a-z0-9]{58}", {
    keywords: ["hcaik_", "hcbik_", "hcxik_", "hcaic_"],
    shown: 6,
  }),
  token(["dynatrace-token", "Dynatrace token", "high"], "dt0[a-z]\\d{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}", {
    keywords: ["dt0c01.", "dt0s16.", "dt0s01."],
    shown: 7,
  }),
  token(["posthog-key", "PostHog personal key", "high"], "phx_[A-Za-z0-9]{43,47}"),
  token(["pagerduty-key", "PagerDuty API key", "high"], "(?<secret>[uy]\\+[A-Za-z0-9_-]{18})", {
    keywords: ["pagerduty"],
    shown: 0,
    entropy: 3.5,
  }),
  token(["linear-key", "Linear API key", "high"], "lin_api_[A-Za-z0-9]{40}"),
  token(["linear-oauth-token", "Linear OAuth token", "high"], "lin_oauth_[a-f0-9]{64}"),
  token(["notion-token", "Notion token", "high"], "ntn_[A-Za-z0-9]{40,50}"),
  token(["airtable-token", "Airtable token", "high"], "pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}", {
    keywords: ["airtable"],
    shown: 3,
  }),
  token(["figma-token", "Figma token", "high"], "fig[dur]_[A-Za-z0-9_-]{40,60}", {
    keywords: ["figd_", "figu_", "figr_"],
    shown: 5,
  }),
  token(["typeform-token", "Typeform token", "high"], "tfp_[A-Za-z0-9_.=-]{59,64}"),
  token(["contentful-token", "Contentful token", "high"], "CFPAT-[A-Za-z0-9_-]{43}"),
  token(["frameio-token", "Frame.io token", "high"], "fio-u-[A-Za-z0-9_-]{64}"),
  token(
    ["hubspot-token", "HubSpot private app token", "high"],
    "pat-(?:na|eu)\\d-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
    { keywords: ["pat-na", "pat-eu"] },
  ),
  token(["dropbox-token", "Dropbox token", "high"], "sl\\.(?:u\\.)?[A-Za-z0-9_-]{130,400}", {
    keywords: ["sl."],
    shown: 3,
    longest: 420,
  }),
  token(["adobe-client-secret", "Adobe client secret", "high"], "p8e-[A-Za-z0-9]{32}"),
  token(["sourcegraph-token", "Sourcegraph token", "high"], "sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}", {
    keywords: ["sgp_"],
  }),
  token(["facebook-token", "Facebook access token", "high"], "EAA[MC][A-Za-z0-9]{100,300}", {
    keywords: ["eaam", "eaac"],
    shown: 4,
    longest: 310,
  }),
  token(["asana-token", "Asana token", "high"], "\\d/\\d{16}(?:/\\d{16})?:[a-f0-9]{32}", {
    keywords: ["asana"],
    shown: 0,
  }),
  token(["intra42-secret", "42 API secret", "medium"], "s-s4t2(?:ud|af)-[a-f0-9]{64}", { keywords: ["s-s4t2"] }),
  token(
    ["cloudinary-url", "Cloudinary URL with a secret", "high"],
    "cloudinary://\\d{15}:(?<secret>[A-Za-z0-9_-]{27})@",
    { keywords: ["cloudinary://"], shown: 0 },
  ),
  assigned(
    ["algolia-admin-key", "Algolia admin key", "high"],
    ["algolia_admin", "algolia_api", "algolia_key"],
    "[a-f0-9]{32}",
    { keywords: ["algolia"], entropy: 3 },
  ),
  assigned(["okta-token", "Okta API token", "high"], ["okta"], "00[A-Za-z0-9_-]{40}", { entropy: 4 }),
  assigned(["zendesk-token", "Zendesk API token", "high"], ["zendesk"], "[A-Za-z0-9]{40}", {
    entropy: 4,
    validate: isNoPlaceholder,
  }),
  assigned(["twitch-secret", "Twitch client secret", "medium"], ["twitch"], "[a-z0-9]{30}", {
    entropy: 3.6,
    validate: isNoPlaceholder,
  }),
  assigned(
    ["spotify-secret", "Spotify client secret", "medium"],
    ["spotify_client_secret", "spotify_secret"],
    "[a-f0-9]{32}",
    { keywords: ["spotify"], entropy: 3 },
  ),
];
