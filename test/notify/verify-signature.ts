import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** What a receiver of webhooks does: is this body from the tend that knows the secret, and was it sent just now? */
export function isGenuine(secret: string, headers: IncomingHttpHeaders, body: string): boolean {
  const timestamp = String(headers['tend-timestamp']);
  const age = Math.abs(Date.now() / 1_000 - Number(timestamp));
  if (!(age < 300)) return false;
  const mac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const expected = Buffer.from(`v1=${mac}`);
  const given = Buffer.from(String(headers['tend-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
