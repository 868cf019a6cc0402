import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';
import { useModal } from './use-modal.ts';
import './modal.css';

/** A dialog over the page with a title and a cross; the focus goes back to where it was. */
export function Modal(props: { title: string; class: string; children: ComponentChildren; onClose(): void }): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useModal(element);
  return (
    <dialog ref={element} class={`dialog modal ${props.class}`} aria-labelledby="modal-title" onCancel={props.onClose}>
      <div class="modal-head">
        <h2 id="modal-title">{props.title}</h2>
        <button type="button" class="button plain" aria-label="Close" title="Close (Escape)" onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </div>
      {props.children}
    </dialog>
  );
}
