/** What a new test file can hold by which others are not run, or not heard. */
const SIGNS: readonly RegExp[] = [
  // Only this one
  /\b(?:test|it|describe|suite|context|specify|bench)\s*\.\s*only\b/,
  /\.only\s*[(`]|\bonly:\s*true\b/,
  /\b(?:fit|fdescribe|fcontext|fspecify|ftest)\s*\(/,
  /\bfocus(?::|\s*=>)\s*true\b|:focus\b|@tag\s+:?focus\b/,
  // The end of the run, with whatever it ends with
  /\bprocess\s*(?:\.|\[['"])\s*(?:exit|exitCode|reallyExit|abort|kill)\b/,
  /\b(?:sys|os)\s*\.\s*_?exit\b|\bos\s*\.\s*(?:kill|execv\w*|abort)\b|\bos\.Exit\b|\bTestMain\b/,
  /\b(?:Deno|Bun|System|Runtime|Environment|std::process|Process|Kernel)\s*(?:\.|::)\s*(?:exit|halt|Exit|abort)\b/,
  /\b(?:exit|exit!|die|quit|at_exit)\s*\(/,
  /\bpytest\s*\.\s*exit\b|\bpytest_\w+\s*\(/,
  // Other tests, and the runner, in other clothes
  /\bglobalThis\s*(?:\.|\[['"])\s*(?:test|it|describe|expect|suite|assert)\b/,
  /\b(?:sys\.modules|require\.cache)\b/,
];

/** Whether a new test file may keep others from running, or their failures from being heard. */
export const silences = (text: string): boolean => SIGNS.some((sign) => sign.test(text));
