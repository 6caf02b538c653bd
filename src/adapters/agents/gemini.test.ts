import { expect, test } from 'vitest';
import { gemini } from './gemini.ts';

test('credentials are looked for where Gemini keeps them', () => {
  const none = () => false;
  const only = (name: string) => (path: string) => path === name;
  expect(gemini.loggedIn({ GEMINI_API_KEY: 'k' }, none)).toBe(true);
  expect(gemini.loggedIn({ GEMINI_API_KEY: '' }, none)).toBe(false);
  expect(gemini.loggedIn({}, only('.gemini/oauth_creds.json'))).toBe(true);
  expect(gemini.loggedIn({}, only('.gemini/settings.json'))).toBe(null);
  expect(gemini.loggedIn({ GEMINI_CLI_HOME: '/else' }, none)).toBe(null);
  expect(gemini.loggedIn({ GOOGLE_GENAI_USE_VERTEXAI: 'true' }, none)).toBe(null);
});
