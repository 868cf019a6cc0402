import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Session } from '../session/session.ts';
import { Logo } from '../ui/icons.tsx';

/** Lies over the page while another tab has the workspace: two tabs would overwrite each other's files. */
export function OwnershipCover({ session }: { session: Session }): JSX.Element | null {
  const [isTaking, setTaking] = useState(false);
  const ownership = session.ownership.value;
  if (ownership !== 'elsewhere' && ownership !== 'lost') return null;
  const isLost = ownership === 'lost';
  const take = (): void => {
    setTaking(true);
    void session.useHere().finally(() => setTaking(false));
  };
  return (
    <div class="cover" role="alertdialog" aria-modal="true" aria-labelledby="cover-title" aria-describedby="cover-text">
      <div>
        <p class="brand">
          <Logo /> Drydock
        </p>
        <h1 id="cover-title">{isLost ? 'Drydock is now used in another tab' : 'Drydock is open in another tab'}</h1>
        <p id="cover-text">
          {isLost
            ? 'Your files and the machine were saved, and continue there. The machine in this tab was switched off so that nothing is overwritten.'
            : 'That tab has your files and a running machine. If you use Drydock here, both are saved there and continue here.'}
        </p>
        <button type="button" class="button solid" disabled={isTaking} onClick={take}>
          Use here
        </button>
      </div>
    </div>
  );
}
