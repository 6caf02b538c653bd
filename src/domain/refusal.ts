import {
  type AgentFailure,
  isLimit,
  type Limit,
  limitFor,
  type LimitFailure,
} from './agent-outcome.ts';
import { resetTime } from './reset.ts';

const any = (...patterns: readonly RegExp[]): RegExp =>
  new RegExp(patterns.map(({ source }) => source).join('|'), 'i');

/** A status of HTTP in one of the shapes in which it is printed as such: bare numbers are ports, lines, counts. */
const status = (...codes: readonly number[]): RegExp =>
  new RegExp(
    String.raw`(?:\bstatus(?:[ _-]?code)?["'\\]{0,4} ?[:=]? ?["'\\]{0,4}|\bHTTP(?:\/[\d.]{1,3})?[ :] ?|(?:^|\s)\((?=\d{3}\))|\berror(?: code)?:? |\bcode["'\\]{0,4} ?[:=] ?)` +
      String.raw`(?:${codes.join('|')})(?!\w|[.,:]\d| (?:test|file|error|line|warning|problem)s?\b)`,
    'i',
  );

/** Words of a matter of money or of the plan, in which no waiting helps. */
const MONEY = any(
  /credit balance|balance (?:is )?(?:too low|exhausted|insufficient)/,
  /insufficient[ _-](?:balance|quota|credits?|funds)|(?:out of|no more|not enough) credits/,
  /credits? (?:(?:are|is|have been|has been) )?(?:depleted|exhausted|used up)/,
  /billing|payment (?:required|method)|spend(?:ing)? limit|reload your tokens|ineligible ?tier/,
  /to use codex with your chatgpt plan/,
  status(402),
);

/** Words of a quota that fills up again, even where more of it is for sale. */
const WINDOW = any(
  /(?:hit|reached|exceed(?:ed)?) your (?:(?!rate)[\w'.-]+ ){0,5}(?:limit|allowance)\b/,
  /(?:usage|session|hourly|daily|weekly|monthly|\b\d{1,3}-hour|plan|requests?)[ _](?:limit|quota)/,
  /quota exceeded for metric|free (?:usage|tier|allocated)/,
);

/**
 * What a message of an error envelope or of stderr means; never asked of what a model wrote. The first row
 * that matches counts, so that "insufficient credit (429)" is a matter of money, not of patience.
 */
const ROWS: readonly (readonly [RegExp, AgentFailure])[] = [
  [/temporarily limiting requests|not your usage limit/i, 'rate_limited'],
  [/exhausted your daily quota/i, 'quota_exhausted'],
  // Gemini calls a limit of requests per minute a quota, too: it is over in seconds.
  [
    /(?:exceeded your current quota|exhausted your capacity)[\s\S]{0,800}?\b(?:retry in|reset after) \d{1,3}(?:\.\d+)?m?s\b/i,
    'rate_limited',
  ],
  [MONEY, 'quota_exhausted'],
  [
    any(
      WINDOW,
      /usage.?limit|out of (?:usage|quota|premium requests)|premium request (?:limit|allowance)/,
      /exceed(?:ed)? your (?:[\w'.-]+ ){0,5}quota|exhausted (?:your|the) (?:[\w'.-]+ ){0,4}(?:quota|capacity)/,
      /quota[ _](?:has been |was |is )?(?:exhausted|exceeded|reached)|no quota\b|resource[ _]?exhausted/,
    ),
    'quota_exhausted',
  ],
  [
    any(
      /(?<![a-z])rate[ _-]?limit|too many (?:requests|tokens)|throttl(?:ed|ing)/,
      /(?:requests|tokens) per min/,
      status(429),
    ),
    'rate_limited',
  ],
  [/PERMISSION_DENIED|\bUNAUTHENTICATED\b/, 'auth_failed'],
  [
    any(
      /(?:invalid|incorrect|missing|expired|no)[ _](?:x-)?api[ _-]?key|api[ _-]?key[ _](?:is )?(?:not valid|invalid|missing|expired|required)/,
      /(?:missing|specify|set) (?:the )?(?:environment variables?:? )?[`'"]?[A-Z_]{0,40}(?:API_KEY|AUTH_TOKEN)\b/,
      /not (?:logged|signed) in|\/login\b|log ?in required|(?:please|to) (?:log|sign) in|sign in again/,
      /unauthori[sz]ed|failed to authenticate|authentication[ _](?:failed|error|required)|no authentication information/,
      /(?:invalid|set an) auth method|invalid (?:auth|access|bearer|oauth)[ _]?token|invalid credentials/,
      /(?:oauth|access|refresh) token (?:has |is |was )?(?:expired|revoked|already used)|token could not be refreshed/,
      /permission_error|does not have permission|account does not have access|not allowed to use this model/,
      /^forbidden\b|403 forbidden/,
      status(401, 403),
    ),
    'auth_failed',
  ],
  [
    any(
      /overloaded|(?:at|no|out of) capacity|high demand|service (?:is )?(?:currently |temporarily )?unavailable/,
      /(?<!resource )temporarily unavailable|"unavailable"/,
      status(503, 529),
    ),
    'overloaded',
  ],
  [
    any(
      /model_?not_?found|(?:unknown|no such|invalid) model\b|unrecognized_model|issue with the selected model/,
      /\bmodels?[ :=/]{1,3}["'`]?[\w./:@-]{1,100}["'`]?(?: \([^)\n]{0,80}\))? (?:(?:was|is|does|do|could) )?(?:not (?:be )?(?:found|exist|available|supported)|unknown|unavailable)/,
      /['"`] model (?:was |is |does )?not (?:found|exist|available|supported)/,
      /not_found_error[\s\S]{0,200}?\bmodel: /,
    ),
    'model_unavailable',
  ],
  [
    /reached (?:the )?max(?:imum)?(?: number of)?(?: session)? turns|max(?:imum)? turns (?:limit )?(?:reached|exceeded)|turn limit (?:reached|exceeded)|error_max_turns/i,
    'max_turns',
  ],
  [
    /reached (?:the )?max(?:imum)? budget|budget (?:of [^.\n]{1,40} )?(?:(?:was|is|has been) )?(?:exceeded|exhausted|reached)|budget_(?:exceeded|exhausted)|error_max_budget|cost limit (?:reached|exceeded)/i,
    'budget_exceeded',
  ],
  [
    any(
      /no (?:saved |previous |such )?(?:conversation|session|thread)s?(?:, task, or name)? (?:found|matched|exists?)|no such session/,
      /no rollout found|does not match any session|requires a valid session|invalid session id|(?:error|failed|cannot) (?:resuming|resume|to resume)/,
      /\bsession (?:id )?["'`]?[\w-]{0,80}["'`]? ?(?:(?:was|is|does) )?not (?:found|exist)/,
    ),
    'resume_unavailable',
  ],
];

/** Addresses are no words of the message: they are called `/docs/rate-limits` and `/settings/billing`. */
const ADDRESS = /\bhttps?:\/\/[^\s"'<>()[\]{}]+/gi;
const words = (message: string): string =>
  message
    .replace(ADDRESS, '')
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, ' ');

/** What a message of an error envelope or of stderr means; null = nothing that is known. */
export function classify(message: string): AgentFailure | null {
  const text = words(message);
  return ROWS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** What an HTTP status of the provider means by itself; null = nothing special. */
export function failureOfStatus(status: number): AgentFailure | null {
  switch (status) {
    case 401:
    case 403:
      return 'auth_failed';
    case 402:
      return 'quota_exhausted';
    case 404:
      return 'model_unavailable';
    case 429:
      return 'rate_limited';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return null;
  }
}

/** The limit that a message tells of: its reset when it names one, else the class that fits the words. */
export function limitOf(
  failure: LimitFailure,
  message: string,
  place: { now: number; timeZone: string },
  until: number | null = resetTime(message, place.now, place.timeZone),
): Limit {
  if (until !== null) return { class: 'until', until, message };
  const text = words(message);
  if (failure === 'quota_exhausted' && MONEY.test(text) && !WINDOW.test(text))
    return { class: 'needs_person', until: null, message };
  return limitFor(failure, message);
}

export { isLimit };
