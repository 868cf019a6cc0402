import { effect } from '@preact/signals';
import type { EmbedEvent } from '../../core/embed/embed-messages.ts';
import type { Session } from '../session/session.ts';
import { tellProgress } from './host-lesson.ts';

/** Tells the host what happens, from now on. */
export function tellHost(session: Session, tell: (event: EmbedEvent) => void): void {
  const { lessons, machine } = session;
  tellProgress(lessons, tell);
  effect(() => {
    const progress = machine.progress.value;
    if (progress === undefined || machine.state.value.kind !== 'starting') return;
    const { stage, message, loadedBytes, totalBytes } = progress;
    tell({ name: 'progress', detail: { stage, message, loadedBytes, totalBytes } });
  });
  effect(() => {
    const state = machine.state.value;
    if (state.kind === 'failed') tell({ name: 'error', detail: { code: state.code, message: state.message, detail: state.detail } });
    else if (state.kind === 'stopped') tell({ name: 'error', detail: { code: 'machine-stopped', message: state.message } });
  });
  effect(() => {
    const state = lessons.state.value;
    if (state.kind === 'failed') tell({ name: 'error', detail: { code: 'lesson-invalid', message: state.message } });
  });
}
