/**
 * A Content-Security-Policy that lets one script more run, told by its hash (`sha256-…`); the policy as it is where that script may run already, or
 * where a hash would forbid what it allows (CSP level 3: with a hash, `'unsafe-inline'` counts no more).
 */
export function allowScript(policy: string, hash: string): string {
  return policy
    .split(',')
    .map(one => allowIn(one, hash))
    .join(',');
}

/** In the order in which a browser asks for what an inline script may do. */
const SCRIPT_DIRECTIVES = ['script-src-elem', 'script-src', 'default-src'];

function allowIn(policy: string, hash: string): string {
  const directives = policy.split(';').map(text => text.trim().split(/\s+/));
  const nameOf = ([name = '']: readonly string[]): string => name.toLowerCase();
  const name = SCRIPT_DIRECTIVES.find(wanted => directives.some(one => nameOf(one) === wanted));
  const directive = directives.find(one => nameOf(one) === name);
  if (name === undefined || directive === undefined) return policy;
  const sources = directive.slice(1).filter(source => source.toLowerCase() !== "'none'");
  const isInlineAllowed = sources.some(source => source.toLowerCase() === "'unsafe-inline'") && !sources.some(isNonceOrHash);
  if (isInlineAllowed) return policy;
  // What is not about scripts keeps `default-src` as it is.
  if (name === 'default-src') return `${policy}; script-src ${[...sources, `'${hash}'`].join(' ')}`;
  return directives.map(one => (one === directive ? [one[0], ...sources, `'${hash}'`] : one).join(' ')).join('; ');
}

function isNonceOrHash(source: string): boolean {
  return /^'(?:nonce|sha256|sha384|sha512)-/i.test(source);
}
