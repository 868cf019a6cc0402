import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';

/** A line between two panes that can be moved by pointer and by key, after the ARIA window-splitter pattern. */
export interface SplitterProps {
  /** `vertical` is a standing line between left and right. */
  readonly orientation: 'vertical' | 'horizontal';
  /** Names the pane whose size this is. */
  readonly label: string;
  /** The id of that pane. */
  readonly controls: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** How much an arrow key moves. */
  readonly step: number;
  readonly collapsed: boolean;
  /** The pane whose size this is lies to the right of the line or below it: the arrows follow the line. */
  readonly isAfter?: boolean;
  /** Turns a pointer's place on the page into a value. */
  valueAt(clientX: number, clientY: number): number;
  onChange(value: number): void;
  onToggle(): void;
}

export function Splitter(props: SplitterProps): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const change = (value: number): void => props.onChange(Math.min(props.max, Math.max(props.min, value)));
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    element.current?.setPointerCapture(event.pointerId);
    element.current?.classList.add('dragging');
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (element.current?.hasPointerCapture(event.pointerId)) change(props.valueAt(event.clientX, event.clientY));
  };
  const onPointerEnd = (): void => element.current?.classList.remove('dragging');
  const percent = props.collapsed ? 0 : Math.round(((props.value - props.min) / Math.max(1e-9, props.max - props.min)) * 100);
  return (
    // A separator that can be focused is a widget; the linter knows only the static kind.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={element}
      class="splitter"
      role="separator"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={props.label}
      aria-orientation={props.orientation}
      aria-controls={props.controls}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
      onDblClick={props.onToggle}
      onKeyDown={event => {
        if (onKey(event, props, change)) event.preventDefault();
      }}
    />
  );
}

function onKey(event: KeyboardEvent, props: SplitterProps, change: (value: number) => void): boolean {
  const arrows = props.orientation === 'vertical' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  const [less, more] = props.isAfter === true ? arrows.reverse() : arrows;
  if (event.key === 'Enter') props.onToggle();
  else if (event.key === less) change(props.value - props.step);
  else if (event.key === more) change(props.value + props.step);
  else if (event.key === 'Home') change(props.min);
  else if (event.key === 'End') change(props.max);
  else return false;
  return true;
}
