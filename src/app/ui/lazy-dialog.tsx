import { signal } from '@preact/signals';
import type { JSX } from 'preact';

/** The page's session, which reports a dialog that does not load. */
interface Telling {
  readonly messages: { problem(text: string): void };
}

/** What every dialog of this kind is given. */
export interface LazyDialogProps<Session> {
  readonly session: Session;
  onClose(): void;
}

type Dialog<Session> = (props: LazyDialogProps<Session>) => JSX.Element | null;

/** A dialog whose code is loaded when it is opened. */
export interface LazyDialog<Session> {
  show(session: Session): Promise<void>;
  /** Where it appears; once on the page. */
  Host(props: { session: Session }): JSX.Element | null;
}

/** `what` begins the sentence for a part of the page that does not load, like "The list of lessons". */
export function lazyDialog<Session extends Telling>(what: string, load: (session: Session) => Promise<Dialog<Session>>): LazyDialog<Session> {
  const open = signal<Dialog<Session> | undefined>(undefined);
  return {
    async show(session) {
      try {
        open.value = await load(session);
      } catch (error) {
        console.error(`${what} did not load`, error);
        session.messages.problem(`${what} could not be loaded. Check the connection, then try again.`);
      }
    },
    Host({ session }) {
      const Content = open.value;
      return Content === undefined ? null : <Content session={session} onClose={() => (open.value = undefined)} />;
    },
  };
}
