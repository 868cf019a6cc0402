import { render } from 'preact';
import { parseEmbedOptions, type ReadEmbedOptions } from '../../core/embed/embed-options.ts';
import { serveEmbed } from '../../core/embed/embed-server.ts';
import type { Embedding, StartFiles } from '../session/embedding.ts';
import type { Session } from '../session/session.ts';
import { framingProblem, originsAround, readEmbedPolicy } from './framing.ts';
import { createHostCalls } from './host-calls.ts';
import { tellHost } from './host-events.ts';
import { answerHost } from './host-link.ts';

/** A host that controls the frame gives its files at once, or is not there. */
const HOST_MILLISECONDS = 30_000;

/** This page as a part of another one, from what its address says. */
export interface EmbeddedPage {
  readonly embedding: Embedding;
  /** What in the address could not be done. */
  readonly problems: readonly string[];
  /** Gives the files to begin with, or undefined for the usual; false, and nothing, where it was done before. */
  begin(files: StartFiles | undefined): boolean;
}

/** Reads the address; undefined where it asks for no embed. */
export function readEmbeddedPage(search: string): EmbeddedPage | undefined {
  const read: ReadEmbedOptions | undefined = parseEmbedOptions(new URLSearchParams(search));
  if (read === undefined) return undefined;
  let give: ((files: StartFiles | undefined) => void) | undefined;
  const startFiles = new Promise<StartFiles | undefined>(resolve => (give = resolve));
  const begin = (files: StartFiles | undefined): boolean => {
    const isFirst = give !== undefined;
    give?.(files);
    give = undefined;
    return isFirst;
  };
  if (!read.options.isControlled) begin(undefined);
  const [host] = originsAround();
  return { embedding: { options: read.options, host, startFiles }, problems: read.problems, begin };
}

/** Opens the session where the site lets the page around show it, and lets that page control it where the address asks for that. */
export async function openFramed(
  session: Session,
  page: EmbeddedPage | undefined,
  { lesson, shared }: { readonly lesson: string | null; readonly shared: string | undefined },
  root: HTMLElement,
): Promise<void> {
  const policy = readEmbedPolicy(new URL('.', document.baseURI).href);
  if (page !== undefined) connectHost(session, page, policy);
  const problem = await framingProblem(policy);
  if (problem === undefined) return session.open(lesson, shared);
  render(<p class="framing-problem">{problem}</p>, root);
}

function connectHost(session: Session, page: EmbeddedPage, policy: ReturnType<typeof readEmbedPolicy>): void {
  for (const problem of page.problems) session.messages.problem(problem);
  const timer = setTimeout(() => {
    if (page.begin(undefined)) {
      session.messages.problem('The page around this sandbox does not answer. The sandbox works without it, but that page will not see what you do.');
    }
  }, HOST_MILLISECONDS);
  answerHost(policy, port => {
    const server = serveEmbed(
      createHostCalls({
        page: session,
        begin(files) {
          clearTimeout(timer);
          return page.begin(files);
        },
      }),
      port,
    );
    tellHost(session, server.tell);
  });
}
