import type { Notice } from '../../domain/notice.ts';
import { oneLine } from '../../domain/prompt.ts';
import { type Desktop, showOnDesktop } from './desktop.ts';
import { discord, ntfy, slack, teams, telegram } from './formats.ts';
import { type Email, sendMail } from './mail.ts';
import type { Running } from './program.ts';
import { type SecretSource, secretOf } from './secret.ts';
import { post, type Sending } from './webhook.ts';

/** A service that takes a message at an address that is a secret by itself. */
interface Room {
  kind: 'slack' | 'discord' | 'teams';
  url: SecretSource;
}

interface Telegram {
  kind: 'telegram';
  /** Of the bot API. */
  url: string;
  token: SecretSource;
  chat: string;
}

interface Ntfy {
  kind: 'ntfy';
  /** Of the server, the topic at its end. */
  url: string;
  token: SecretSource | null;
}

/** A line for the shell that gets the facts as the on_done command does. */
interface Command {
  kind: 'command';
  command: string;
}

/** How a person is reached. */
export type Channel = { events: 'all' | 'failures' } & (
  | Room
  | Telegram
  | Ntfy
  | Email
  | Desktop
  | Command
);

/** What makes a message of its own: a command is given facts, not words. */
export type Spoken = Exclude<Channel, Command>;

/** Tells a person; answers what became of it. Rejects with a `Refusal` that holds no secret. */
export async function speak(
  channel: Spoken,
  notice: Notice,
  { id, sending, running }: { id: string; sending: Sending; running: Running },
): Promise<string> {
  switch (channel.kind) {
    case 'desktop':
      return showOnDesktop(notice, running);
    case 'email':
      return sendMail(channel, notice, { id, now: sending.now }, running);
    default: {
      const { url, body, token, secrets } = await requestOf(channel, notice);
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'tend',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      };
      return post(
        { url, headers, body: JSON.stringify(body), publicOnly: false },
        sending,
        (said) => withoutSecrets(oneLine(said, LONGEST_SAID), secrets),
      );
    }
  }
}

/** The part of a refusal that is told, in characters. */
const LONGEST_SAID = 200;

interface Request {
  url: URL;
  body: object;
  token: string | null;
  /** What must not be told on. */
  secrets: readonly string[];
}

async function requestOf(channel: Room | Telegram | Ntfy, notice: Notice): Promise<Request> {
  switch (channel.kind) {
    case 'slack':
    case 'discord':
    case 'teams': {
      const url = addressIn(await secretOf(channel.url), channel.kind);
      const { pathname, search } = url;
      const body = { slack, discord, teams }[channel.kind](notice);
      return { url, body, token: null, secrets: [...pathname.split('/'), search, url.password] };
    }
    case 'telegram': {
      const token = await secretOf(channel.token);
      const base = channel.url.replace(/\/+$/, '');
      const url = new URL(`${base}/bot${encodeURIComponent(token)}/sendMessage`);
      // A colon is part of every token, and may stand in a path as it is.
      url.pathname = url.pathname.replaceAll('%3A', ':');
      return { url, body: telegram(notice, channel.chat), token: null, secrets: [token] };
    }
    case 'ntfy': {
      const token = channel.token === null ? null : await secretOf(channel.token);
      const { url, topic } = topicIn(channel.url);
      const secrets = token === null ? [topic] : [topic, token];
      return { url, body: ntfy(notice, topic), token, secrets };
    }
    default:
      return channel satisfies never;
  }
}

/** An address from a file or a variable was not looked at before; it is never shown. */
function addressIn(secret: string, kind: string): URL {
  const url = URL.canParse(secret) ? new URL(secret) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new Error(`the address of this ${kind} channel is no http or https address`);
  return url;
}

/** The server, and the topic as it is named there. */
export function topicIn(address: string): { url: URL; topic: string } {
  const url = new URL(address);
  const [, base = '/', topic = ''] = /^(.*\/)([^/]+)\/*$/.exec(url.pathname) ?? [];
  url.pathname = base;
  return { url, topic: decodeURIComponent(topic) };
}

/** Shorter ones are parts of words. */
const SHORTEST_SECRET = 6;

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((left, secret) => left.replaceAll(secret, '***'), text);
