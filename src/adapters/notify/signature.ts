import { createHmac } from 'node:crypto';

/** `v1=` and the hex HMAC-SHA256 over `<timestamp>.<body>`; `timestamp` is the header's text. */
export const signature = (secret: string, timestamp: string, body: string): string =>
  `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
