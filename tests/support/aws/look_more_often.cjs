// The command line looks every five seconds whether a stack is done; here one is done in a fraction of that.
const wait = globalThis.setTimeout;
globalThis.setTimeout = Object.defineProperties(
  (call, delay, ...rest) => wait(call, delay === 5000 ? 200 : delay, ...rest),
  Object.getOwnPropertyDescriptors(wait),
);
