import { base64Of } from '../base/bytes.ts';
import { escaped, ownPage } from './own-page.ts';

/** Where the form of the page below sends what was typed; no program in a container sees a request to it. */
const SIGN_IN = '/.drydock/sign-in';

/** What was typed into the form. */
export interface SignIn {
  readonly user: string;
  readonly password: string;
  /** Where the learner wanted to go. */
  readonly next: string;
}

/** Is a request one of the form's? */
export function isSignIn(method: string, path: string): boolean {
  return method === 'POST' && path === SIGN_IN;
}

/** The realm of a server that wants a name and a password by HTTP's basic authentication (RFC 7617); undefined for any other challenge. */
export function basicRealm(challenges: string | undefined): string | undefined {
  const basic = /(?:^|,)\s*Basic(?:\s+([^]*))?$/i.exec(challenges ?? '');
  if (basic === null) return undefined;
  return /realm="((?:[^"\\]|\\.)*)"/i.exec(basic[1] ?? '')?.[1]?.replace(/\\(.)/g, '$1') ?? '';
}

/** The page that asks, in the place of the browser's own question, which no service worker can bring about. */
export function signInPage(port: number, path: string, realm: string, wasRefused: boolean): string {
  // Relative, as the pane shows the port below an address of its own.
  const action = '../'.repeat(path.split('?')[0]!.split('/').length - 2) + SIGN_IN.slice(1);
  return ownPage(`localhost:${port} wants a password`, [
    realm === '' ? '' : `<p>It says: “${escaped(realm)}”.</p>`,
    wasRefused ? '<p role="alert"><strong>That name or password was not accepted.</strong></p>' : '',
    `<form method="post" action="${escaped(action)}"><input type="hidden" name="next" value="${escaped(path)}">`,
    '<label>User name <input name="user" autocomplete="username" autofocus></label>',
    '<label>Password <input name="password" type="password" autocomplete="current-password"></label>',
    '<button>Sign in</button></form>',
    '<p class="detail">It goes to the program in the container alone, and is forgotten with the machine.</p>',
  ]);
}

/** Reads what the form sent; undefined where that is something else. */
export function parseSignIn(body: string): SignIn | undefined {
  const fields = new URLSearchParams(body);
  const next = fields.get('next');
  // Two slashes would be the beginning of another host's address.
  if (next === null || !/^\/(?!\/)/.test(next)) return undefined;
  return { user: fields.get('user') ?? '', password: fields.get('password') ?? '', next };
}

/** What learners have signed in with, by port. Gone with the sandbox. */
export class SignIns {
  readonly #headers = new Map<number, string>();

  add(port: number, { password, user }: SignIn): void {
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    this.#headers.set(port, `Basic ${base64Of(bytes)}`);
  }

  /** The Authorization header for requests to a port; undefined where nobody has signed in. */
  header(port: number): string | undefined {
    return this.#headers.get(port);
  }

  /** Forgets one; says whether there was one. */
  remove(port: number): boolean {
    return this.#headers.delete(port);
  }
}
