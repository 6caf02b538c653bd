import { expect, test } from 'vitest';
import { classify, isLimit, limitOf } from './refusal.ts';

/** Saturday, 21 November 2026, 01:00:30 UTC. */
const PLACE = { now: 1_795_222_830_000, timeZone: 'UTC' };

/**
 * What the programs print and what it means: failure, how long the account is held (+ the time until the reset),
 * message; `\n` stands for a line break, ´ for a backtick.
 */
const rowsOf = (table: string): [message: string, expected: string][] =>
  table
    .trim()
    .split('\n')
    .map((row) => {
      const bar = row.indexOf(' | ');
      const message = row
        .slice(bar + 3)
        .replaceAll('\\n', '\n')
        .replaceAll('´', '`');
      return [message, row.slice(0, bar).trim().replace(/ +/, ' ')];
    });

function golden(message: string, expected: string): void {
  const failure = classify(message);
  const limit = failure !== null && isLimit(failure) ? limitOf(failure, message, PLACE) : null;
  const until = limit === null || limit.until === null ? null : (limit.until - PLACE.now) / 1_000;
  const hold = until === null ? (limit?.class ?? '') : `+${until}s`;
  expect(`${failure ?? '-'} ${hold}`.trim()).toBe(expected);
  expect(limit === null || limit.message === message).toBe(true);
  expect(limit?.class === 'until').toBe(until !== null);
}

test.each(
  rowsOf(String.raw`
rate_limited       transient    | API Error: Request rejected (429) · This request would exceed your organization’s rate limit of 50 requests per minute. Please reduce the prompt length or the maximum tokens requested, or try again later.
rate_limited       transient    | API Error: Request rejected (429) · This request would exceed your account's rate limit. Please try again later.
rate_limited       transient    | API Error: Server is temporarily limiting requests (not your usage limit) · …
quota_exhausted    +1230s       | You've hit your 5-hour limit · resets 1:21am (UTC)
quota_exhausted    +301230s     | You've hit your weekly limit · resets Nov 24, 12:41pm (UTC)
quota_exhausted    +32370s      | You've hit your limit · resets 7pm (Asia/Tokyo)
quota_exhausted    windowed     | You've hit your limit · resets 7pm (Nowhere/Else)
quota_exhausted    windowed     | you've hit your limit
quota_exhausted    +7170s       | 5-hour limit reached ∙ resets 3am
quota_exhausted    +3150s       | Claude AI usage limit reached|1795225980
quota_exhausted    needs_person | Credit balance is too low
quota_exhausted    needs_person | billing_error
auth_failed                     | Invalid API key · Fix external API key
auth_failed                     | Not logged in · Please run /login
auth_failed                     | authentication_failed
auth_failed                     | Failed to authenticate. API Error: 403 Your account does not have access to Claude Code.
auth_failed                     | API Error: 401 {"type":"error","error":{"type":"authentication_error"}}
overloaded         transient    | API Error: Repeated 529 Overloaded errors. The API is at capacity — this is usually temporary. Try again in a moment. If it persists, check your inference gateway (127.0.0.1:8787).
overloaded         transient    | overloaded_error
model_unavailable               | There's an issue with the selected model (no-such-model). It may not exist or you may not have access to it. Run --model to pick a different model.
model_unavailable               | [claude-code:unrecognized_model] {"model":"no-such-model"}
model_unavailable               | {"type":"not_found_error","message":"model: no-such-model"}
max_turns                       | Reached maximum number of turns (3)
max_turns                       | Error: Reached max turns (2)
budget_exceeded                 | Reached maximum budget ($0.01)
resume_unavailable              | No conversation found with session ID: 0c0d
resume_unavailable              | Error: --resume requires a valid session ID or session title when used with --print. Provided value "x" is not a UUID and does not match any session title.
-                               | API Error: 500 Internal server error. This is a server-side issue, usually temporary — try again in a moment.
-                               | API Error: 400 messages.1.content.0: Input should be a valid dictionary
-                               | API Error: Connection dropped (ECONNRESET). Check the gateway set in ANTHROPIC_BASE_URL, then try again.
-                               | API Error: JSON Parse error: Unexpected EOF
-                               | Prompt is too long · prompt is too long: 210000 tokens > 200000 maximum
-                               | API Error: Claude's response exceeded the 128000 output token maximum. To configure this behavior, set the CLAUDE_CODE_MAX_OUTPUT_TOKENS environment variable.
-                               | API Error: Opus 5.5's safeguards flagged this message (https://www.anthropic.com/legal/aup).
-                               | Error: Session ID 0c0d is already in use.
`),
)('Claude Code: %s', golden);

test.each(
  rowsOf(String.raw`
quota_exhausted    +1650s       | You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again at 1:28 AM.
quota_exhausted    +301650s     | You’ve hit your usage limit. visit https://chatgpt.com/settings/usage to purchase more credits or try again at Nov 24th, 2026 12:48 PM.
quota_exhausted    +273600s     | You've hit your usage limit. Try again in 3 days 4 hours.
quota_exhausted    windowed     | You've hit your usage limit. visit https://chatgpt.com/settings/usage to purchase more credits or try again later.
quota_exhausted    windowed     | usage_limit_exceeded
quota_exhausted    needs_person | Quota exceeded. Check your plan and billing details.
quota_exhausted    needs_person | Your workspace is out of credits. Ask your workspace owner to refill.
quota_exhausted    needs_person | To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.
rate_limited       transient    | Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)
rate_limited       transient    | exceeded retry limit, last status: 429 Too Many Requests
auth_failed                     | unexpected status 401 Unauthorized: Incorrect API key provided: stub-key., url: http://127.0.0.1:8787/v1
auth_failed                     | unexpected status 403 Forbidden: You are not allowed to use this model., url: http://127.0.0.1:8787
auth_failed                     | Missing environment variable: ´STUB_API_KEY´.
auth_failed                     | Your access token could not be refreshed. Please log out and sign in again.
overloaded         transient    | Selected model is at capacity. Please try a different model.
overloaded         transient    | We’re currently experiencing high demand, which may cause temporary errors.
model_unavailable               | The 'gpt-9' model is not supported when using Codex with a ChatGPT account.
resume_unavailable              | Error: thread/resume failed: no rollout found for thread id 0c0d (code -32600)
-                               | Codex ran out of room in the model's context window. Start a new thread or clear earlier history before retrying.
-                               | stream disconnected before completion: idle timeout waiting for SSE
-                               | Incomplete response returned, reason: max_output_tokens
-                               | {"error":{"message":"Invalid value: 'stub'.","type":"invalid_request_error","code":"invalid_value"}}
-                               | Model metadata for ´no-such-model´ not found. Defaulting to fallback metadata; this can degrade performance.
-                               | ERROR codex_core::session: failed to record rollout items: thread 0c0d not found
-                               | ERROR codex_core::tools::router: error=patch rejected: writing is blocked by read-only sandbox
`),
)('Codex: %s', golden);

test.each(
  rowsOf(String.raw`
quota_exhausted    windowed     | [API Error: You have exhausted your daily quota on this model.]\nPlease wait and try again later. To increase your limits, request a quota increase
rate_limited       +2s          | [API Error: You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 50\nPlease retry in 2s.\nSuggested retry after 2s.]
quota_exhausted    +40000s      | [API Error: You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 50\nPlease retry in 11h6m40s.]
quota_exhausted    windowed     | [API Error: You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 50]
quota_exhausted    +31447s      | You have exhausted your capacity on this model. Your quota will reset after 8h44m7s.
rate_limited       +5s          | You have exhausted your capacity on this model. Your quota will reset after 5s.
quota_exhausted    windowed     | You have exhausted your capacity on this model.
quota_exhausted    windowed     | You have reached your daily gemini-2.5-pro quota limit.
quota_exhausted    windowed     | resource exhausted
quota_exhausted    windowed     | {"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}
quota_exhausted    needs_person | IneligibleTierError: ineligibletier
quota_exhausted    needs_person | [API Error: {"error":{"code":403,"message":"Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.","status":"PERMISSION_DENIED"}}]
auth_failed                     | [API Error: {"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]
auth_failed                     | [API Error: {"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}]
auth_failed                     | Please set an Auth method in your /home/dev/.gemini/settings.json
auth_failed                     | Invalid auth method selected.
auth_failed                     | When using Gemini API, you must specify the GEMINI_API_KEY environment variable.
overloaded         transient    | [API Error: The model is overloaded. Please try again later.]
overloaded         transient    | {"error":{"message":"Try later.","status":"UNAVAILABLE"}}
overloaded         transient    | No capacity available for model gemini-3-pro
model_unavailable               | [API Error: models/no-such-model is not found for API version v1beta, or is not supported for generateContent.]
model_unavailable               | ModelNotFoundError: gone
max_turns                       | Reached max session turns for this session. Increase the number of turns by specifying maxSessionTurns in settings.json.
resume_unavailable              | Error resuming session: No previous sessions found for this project.
resume_unavailable              | Error resuming session: Invalid session identifier "0c0d".
-                               | [API Error: {"error":{"code":500,"message":"An internal error has occurred. Please retry.","status":"INTERNAL"}}]
-                               | [API Error: {"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."}}]
-                               | [API Error: terminated]
-                               | Model stream ended without a finish reason.
-                               | The model returned an empty response with no text or thoughts. This may be a transient API issue; please try again.
-                               | Loop detected, stopping execution
-                               | Error executing tool run_shell_command: Tool execution denied by policy.
-                               | Error executing tool write_file: Access denied: plan path must be within the designated plans directory
`),
)('Gemini CLI: %s', golden);

test.each(
  rowsOf(String.raw`
quota_exhausted    windowed     | The usage limit has been reached
quota_exhausted    +3150s       | {"error":{"type":"usage_limit_reached","plan_type":"plus","resets_at":1795225980,"resets_in_seconds":3150}}
quota_exhausted    needs_person | You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.
quota_exhausted    needs_person | {"error":{"type":"insufficient_quota","code":"insufficient_quota"}}
quota_exhausted    needs_person | Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.
quota_exhausted    needs_person | Insufficient balance
quota_exhausted    windowed     | Free usage exceeded, add credits https://opencode.ai/zen
quota_exhausted    windowed     | {"type":"FreeUsageLimitError","message":"Rate limit exceeded. Please try again later."}
auth_failed                     | invalid x-api-key
auth_failed                     | {"error":{"message":"Incorrect API key provided: ******.","code":"invalid_api_key"}}
auth_failed                     | You are not allowed to use this model.
rate_limited       +2s          | AI_APICallError: Rate limit reached for the stub model on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.
resume_unavailable              | Session not found: ses_0c0d
-                               | Unexpected server error. Check server logs for details.
-                               | Cannot connect to API: Unable to connect. Is the computer able to access the url?
-                               | Connection reset by server
-                               | Your input exceeds the context window of this model. Please adjust your input and try again.
quota_exhausted    windowed     | Retrying in 60s (attempt 1/10): [API Error: 429 The usage limit has been reached]
overloaded         transient    | Retrying in 60s (attempt 1/10): [API Error: 503 The server is currently overloaded with other requests.]
auth_failed                     | [API Error: 401 Incorrect API key provided: stub-key.]
model_unavailable               | [API Error: 404 The model ´no-such-model´ does not exist or you do not have access to it.]
quota_exhausted    windowed     | quota exhausted
quota_exhausted    windowed     | Free allocated quota exceeded.
budget_exceeded                 | Run aborted: tool-call budget of 2 exceeded (--max-tool-calls); observed 3.
budget_exceeded                 | Run aborted: wall-clock budget of 5m exceeded (--max-wall-time).
resume_unavailable              | No saved session found with ID 0c0d. Run ´qwen --resume´ without an ID to choose from existing sessions.
-                               | Warning: running headless with --yolo / approval-mode=yolo and no sandbox.
rate_limited       +2s          | Failed to get response from the AI model; retried 5 times (total retry wait time: 10.66 seconds) Last error: 429 Rate limit reached for the stub model on tokens per min (TPM): Limit 30000. Please try again in 2s.
quota_exhausted    windowed     | Failed to get response from the AI model; retried 5 times (total retry wait time: 56.44 seconds) Last error: 429 The usage limit has been reached
quota_exhausted    needs_person | Failed to get response from the AI model; retried 5 times (total retry wait time: 53.62 seconds) Last error: 429 You exceeded your current quota, please check your plan and billing details.
overloaded         transient    | Last error: 503 The server is busy.
rate_limited       +7200s       | Sorry, you've hit a rate limit that restricts the number of Copilot model requests you can make within a specific time period. Please try again in 2 hours. Please review our Terms
quota_exhausted    windowed     | premium request limit
quota_exhausted    windowed     | You have exceeded your premium request allowance. Enable additional paid premium requests
quota_exhausted    windowed     | You have exceeded your monthly quota
quota_exhausted    needs_person | Server error: 402 {"error":{"message":"You have no quota","code":"quota_exceeded"}}
rate_limited       transient    | {"message":"rate limit exceeded","code":"rate_limited"}
auth_failed                     | Authentication failed with provider at http://127.0.0.1:8787/s/auth/v1 (HTTP 401).
auth_failed                     | Error: No authentication information found.
model_unavailable               | Model 'gpt-5' not found on provider at http://127.0.0.1:8787/v1 (HTTP 404).\n  Check that the model is available on your provider.
resume_unavailable              | Error: No session, task, or name matched '0c0d'.
-                               | The provider rejected the prompt as too long, but automatic recovery could not reduce it. Reduce context before retrying.
-                               | Last error: 500 The server had an error while processing your request. Sorry about that!
-                               | 400 Invalid value: 'stub'.
`),
)('opencode, Qwen Code and Copilot: %s', golden);

test.each(
  rowsOf(String.raw`
quota_exhausted    windowed     | Quota exceeded for this workspace
quota_exhausted    windowed     | You're out of usage
quota_exhausted    +946770s     | You've hit your free requests limit. Your usage limits will reset when your monthly cycle ends on 12/2/2026.
quota_exhausted    windowed     | You have reached your weekly standard usage limit. Reload your tokens to go on.
quota_exhausted    needs_person | reload your tokens
quota_exhausted    +3561s       | individual quota reached. Resets in 59m21s
quota_exhausted    needs_person | usage balance exhausted
quota_exhausted    needs_person | HTTP/1.1 402
quota_exhausted    needs_person | Monthly spend limit reached
rate_limited       transient    | ThrottlingException: Too many tokens, please wait before trying again.
rate_limited       +90s         | HTTP 429\nretry-after: 90
rate_limited       transient    | RateLimitError
rate_limited       transient    | status code 429
rate_limited       transient    | {\"status\":429}
rate_limited       transient    | "code":429
rate_limited       transient    | error code: 429
rate_limited       transient    | error 429
rate_limited       transient    | (429) slow down
auth_failed                     | OAuth token has expired
auth_failed                     | status=401
overloaded         transient    | Service Unavailable
overloaded         transient    | statusCode: 529
`),
)('others, and providers: %s', golden);
