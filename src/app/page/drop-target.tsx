import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../../core/base/errors.ts';
import { upload } from '../files/uploads.ts';
import { droppedUploads } from '../ui/dropped-files.ts';
import { offerImages } from '../containers/image-load/dropped-image.ts';
import { offerLesson } from '../lesson/dropped-lesson.ts';
import type { Session } from '../session/session.ts';
import { offerArchive } from '../share/dropped-archive.ts';

/** The whole page takes files: a drop that missed a small target would make the browser leave the page. */
export function DropTarget({ session, children }: { session: Session; children: ComponentChildren }): JSX.Element {
  const [isDropping, setDropping] = useState(false);
  const onDragOver = (event: DragEvent): void => {
    if (event.dataTransfer === null || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    setDropping(true);
  };
  const onDragLeave = (event: DragEvent): void => {
    // The event also comes when the pointer goes from one element of the page to another.
    if (event.relatedTarget === null) setDropping(false);
  };
  const onDrop = (event: DragEvent): void => {
    setDropping(false);
    if (event.dataTransfer === null || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-folder]') : null;
    const folder = row?.dataset['folder'] ?? '';
    droppedUploads(event.dataTransfer)
      .then(async uploads => {
        const asFiles = (): Promise<void> => upload(session, folder, uploads);
        if (
          (await offerImages(session, uploads)) ||
          (await offerArchive(session, uploads, () => void asFiles())) ||
          (await offerLesson(session, uploads))
        )
          return;
        await asFiles();
      })
      .catch((error: unknown) => session.messages.problem(`The files could not be read: ${messageOf(error)}`));
  };
  return (
    <div class={`app ${isDropping ? 'dropping' : ''}`} onDragOver={onDragOver} onDragLeave={onDragLeave} onDrop={onDrop}>
      {children}
    </div>
  );
}
