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
        This page came from {location.host} over plain http. You can build and run containers. You cannot see their pages, use the buttons for
        copying, or keep Drydock for later: browsers allow these only over https or on your own computer. README.txt tells the host of the workshop
        what to do.
      </span>
      <button type="button" class="button plain" aria-label="Dismiss" title="Dismiss" onClick={dismiss}>
        <Icon name="close" />
      </button>
    </div>
  );
}
