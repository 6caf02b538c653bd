/** How each agent is told to ask the stub instead of its provider. */
export interface Provider {
  env: Readonly<Record<string, string>>;
  /** Files below HOME. */
  files: Readonly<Record<string, string>>;
}

interface Wish {
  /** The stub's address for the scenario. */
  url: string;
  /** As somebody with a subscription, where the agent makes a difference. */
  subscription: boolean;
}

const json = (value: unknown): string => JSON.stringify(value, null, 1);

const claude = ({ url, subscription }: Wish): Provider => ({
  env: {
    ...(subscription
      ? { CLAUDE_CODE_OAUTH_TOKEN: 'stub-token' }
      : { ANTHROPIC_API_KEY: 'stub-key' }),
    ANTHROPIC_BASE_URL: url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // Ten by default, which is three minutes.
    CLAUDE_CODE_MAX_RETRIES: '2',
    // Where there are no rooms, it may be played by root, to whom it refuses full permissions otherwise.
    ...(process.getuid?.() === 0 && { IS_SANDBOX: '1' }),
  },
  files: {},
});

const codex = ({ url }: Wish): Provider => ({
  env: { STUB_API_KEY: 'stub-key' },
  files: {
    '.codex/config.toml': [
      'model_provider = "stub"',
      '[model_providers.stub]',
      'name = "Stub"',
      `base_url = "${url}/v1"`,
      'wire_api = "responses"',
      'env_key = "STUB_API_KEY"',
      '[analytics]',
      'enabled = false',
      '',
    ].join('\n'),
  },
});

const gemini = ({ url }: Wish): Provider => ({
  env: { GEMINI_API_KEY: 'stub-key', GOOGLE_GEMINI_BASE_URL: url },
  files: {
    '.gemini/settings.json': json({
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
    }),
  },
});

const opencode = ({ url }: Wish): Provider => ({
  env: { OPENCODE_DISABLE_MODELS_FETCH: '1' },
  files: {
    '.config/opencode/opencode.json': json({
      autoupdate: false,
      share: 'disabled',
      model: 'stub/stub-model',
      provider: {
        stub: {
          npm: '@ai-sdk/openai-compatible',
          name: 'Stub',
          options: { baseURL: `${url}/v1`, apiKey: 'stub-key' },
          models: {
            'stub-model': {
              name: 'Stub Model',
              cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
              limit: { context: 200_000, output: 8192 },
              tool_call: true,
              reasoning: true,
            },
          },
        },
      },
    }),
  },
});

const qwen = ({ url }: Wish): Provider => ({
  env: { OPENAI_API_KEY: 'stub-key', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'stub-model' },
  files: {
    '.qwen/settings.json': json({
      security: { auth: { selectedType: 'openai' } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false },
    }),
  },
});

const copilot = ({ url }: Wish): Provider => ({
  env: {
    COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
    COPILOT_PROVIDER_API_KEY: 'stub-key',
    COPILOT_MODEL: 'gpt-5',
    COPILOT_OFFLINE: 'true',
    COPILOT_AUTO_UPDATE: 'false',
  },
  files: {},
});

export const PROVIDERS: Readonly<Record<string, (wish: Wish) => Provider>> = {
  claude,
  codex,
  gemini,
  opencode,
  qwen,
  copilot,
};
