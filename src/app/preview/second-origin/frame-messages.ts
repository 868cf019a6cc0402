import type { PageReport } from '../../../core/preview/page-report.ts';
import type { PreviewCall } from '../../../core/preview/preview-call.ts';
import type { PreviewRoute } from '../../../core/preview/preview-route.ts';
import type { FrameState } from '../../session/preview/preview.ts';

/** Between the windows, before there is a channel: the frame is ready, or says why it is not; Drydock gives it the channel. */
export type HandshakeMessage =
  | { readonly kind: 'drydock-preview-ready' }
  | { readonly kind: 'drydock-preview-failed'; readonly message: string }
  | { readonly kind: 'drydock-preview-channel' };

/** From Drydock to the frame, on the channel. */
export type FrameOrder =
  { readonly kind: 'go'; readonly route: PreviewRoute } | { readonly kind: 'back' } | { readonly kind: 'forward' } | { readonly kind: 'reload' };

/** From the frame to Drydock, on the channel. A call comes with the channel on which it is answered. */
export type FrameReport = { readonly kind: 'state'; readonly state: FrameState } | PreviewCall | PageReport;
