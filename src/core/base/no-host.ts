// Core has no host: each line below must stay an error, or a DOM or Node type has leaked into the core's tsconfig.
// @ts-expect-error core has no page
export type NoPage = typeof document;
// @ts-expect-error core has no Node
export type NoNode = typeof process;
// @ts-expect-error core has no network of its own
export type NoFetch = typeof fetch;
