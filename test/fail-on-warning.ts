/** A warning of the process (a listener leak, a deprecation) fails the suite: it is thrown, and Vitest counts it. */
process.on('warning', (warning) => {
  throw warning;
});
