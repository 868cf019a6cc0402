import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { stored } from '../session/settings.ts';

const isRead = stored('insecure-read', false, value => typeof value === 'boolean');

/** Over plain http from another computer, as in a workshop, browsers refuse some of what Drydock needs: said once, with what to do. */
export function InsecureBanner(): JSX.Element | null {
  const [isOpen, setOpen] = useState(!isRead.value);
  if (isSecureContext || !isOpen) return null;
  const dismiss = (): void => {
    isRead.value = true;
    setOpen(false);
  };
  return (
    <div class="banner warning" role="region" aria-label="About this connection">
      <Icon name="alert" />
      <span class="banner-text">
        This page came from {location.host} over plain http. Building and running containers works. Showing their pages, the buttons for copying, and
        keeping Drydock for later do not: browsers allow that over https or on your own computer only. Whoever runs the workshop finds what to do in
        README.txt.
      </span>
      <button type="button" class="button plain" aria-label="Dismiss" title="Dismiss" onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
