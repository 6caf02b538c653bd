import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenPlace, WorkerTokens } from '../../ports/worker-tokens.ts';

/** Tells a token of ours from any other text, and its form from later ones. */
const FORM = 'tw1';

/** Tokens that are derived from a secret of the state folder: whoever does not know it can make none. */
export function workerTokens(secret: string): WorkerTokens {
  const sign = (place: string): string =>
    createHmac('sha256', secret).update(`${FORM}.${place}`).digest('base64url');
  return {
    of: (place) => {
      const text = placeText(place);
      return `${FORM}.${text}.${sign(text)}`;
    },
    read: (token) => {
      const [, text, taskId, createdAt, attempt, signature] =
        /^tw1\.(([A-Za-z0-9_-]{1,64})\.([0-9a-z]{1,12})\.(\d{1,9}))\.([A-Za-z0-9_-]{43})$/.exec(
          token,
        ) ?? [];
      if (text === undefined || taskId === undefined || createdAt === undefined) return null;
      const [given, own] = [Buffer.from(signature ?? ''), Buffer.from(sign(text))];
      if (given.length !== own.length || !timingSafeEqual(given, own)) return null;
      return { taskId, createdAt: Number.parseInt(createdAt, 36), attempt: Number(attempt) };
    },
  };
}

const placeText = ({ taskId, createdAt, attempt }: TokenPlace): string =>
  `${taskId}.${Math.floor(createdAt).toString(36)}.${attempt}`;
