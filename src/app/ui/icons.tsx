import type { JSX } from 'preact';

/** The page's icons, drawn on a 16 by 16 grid in the colour of the text around them. */
const paths = {
  file: 'M4 1.75h5L12.25 5v9.25H4zM9 1.75V5h3.25',
  folder: 'M1.75 4V12.75h12.5V5.25H8L6.5 3.5H1.75z',
  'folder-open': 'M1.75 12.75V3.5H6.5L8 5.25h5V7M1.75 12.75 3.75 7h11.5l-2 5.75z',
  chevron: 'M6 4l4 4-4 4',
  check: 'M3 8.5l3.25 3.25L13 4.5',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  'new-file': 'M9 1.75H3.75v12.5H8M9 1.75 12.25 5v2.5M9 1.75V5h3.25M12 9.5v5M9.5 12h5',
  'new-folder': 'M8 12.75H1.75V3.5H6.5L8 5.25h6.25V8M12 9.5v5M9.5 12h5',
  upload: 'M8 10.5V2.5M4.75 5.5 8 2.25l3.25 3.25M2.25 11v2.75h11.5V11',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  paste: 'M5.5 2.75h-2v11h9v-11h-2M5.5 1.75h5v2.5h-5z',
  search: 'M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM10 10l4 4',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  sun: 'M10.75 8a2.75 2.75 0 1 1-5.5 0 2.75 2.75 0 0 1 5.5 0zM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z',
  sidebar: 'M1.75 2.75h12.5v10.5H1.75zM6 2.75v10.5',
  alert: 'M8 2 14.5 13.5h-13zM8 6.5v3.25M8 11.6h.01',
  back: 'M9.5 3.5 5 8l4.5 4.5',
  forward: 'M6.5 3.5 11 8l-4.5 4.5',
  reload: 'M13.25 8a5.25 5.25 0 1 1-1.5-3.7M13.25 1.75V5H10',
  external: 'M6.5 3H3v10h10V9.5M9 2.5h4.5V7M13.25 2.75 7.5 8.5',
  list: 'M2 4h2M6 4h8M2 8h2M6 8h8M2 12h2M6 12h8',
  width: 'M1.5 3v10M14.5 3v10M4 8h8M6 6 4 8l2 2M10 6l2 2-2 2',
  browser: 'M1.75 2.75h12.5v10.5H1.75zM1.75 5.75h12.5M3.75 4.25h.01M5.75 4.25h.01',
  boxes: 'M5 2h6v5H5zM1.75 9h5.5v5h-5.5zM8.75 9h5.5v5h-5.5z',
  library: 'M2.5 2.5v11M5.5 2.5v11M8.5 3l4 10.5M2 13.75h12.5M2.5 2.5h3',
  lesson: 'M8 4.25C6.5 3 4.25 2.75 1.75 3v9.75c2.5-.25 4.75 0 6.25 1.25 1.5-1.25 3.75-1.5 6.25-1.25V3C11.75 2.75 9.5 3 8 4.25zM8 4.25V14',
  play: 'M4.5 2.75v10.5L13 8z',
  save: 'M2.5 2.5h8.75L13.5 4.75v8.75h-11zM5 2.5v3.5h5.5V2.5M4.75 13.5V9h6.5v4.5',
  circle: 'M13.5 8a5.5 5.5 0 1 1-11 0 5.5 5.5 0 0 1 11 0z',
  'circle-check': 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM5.25 8.25l2 2 3.5-4.25',
  hint: 'M5.75 11.25h4.5M6.25 13.75h3.5M5.75 11.25c0-1.5-1.75-2.25-1.75-4.75a4 4 0 0 1 8 0c0 2.5-1.75 3.25-1.75 4.75',
  flask: 'M6 1.75v4.5L2.5 13a.9.9 0 0 0 .8 1.25h9.4a.9.9 0 0 0 .8-1.25L10 6.25v-4.5M4.75 1.75h6.5M4.5 9.75h7',
  prompt: 'M1.75 2.75h12.5v10.5H1.75zM4.5 6l2 2-2 2M8 10.25h3.25',
  share: 'M8 9.5V2M5 4.75 8 1.75l3 3M4.75 7H3v7h10V7h-1.75',
  tab: 'M2 8h9M8 4.75 11.25 8 8 11.25M14 3.5v9',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'more' ? 2.4 : 1.4}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** A hull in its dock. */
export function Logo(): JSX.Element {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M2 4v13h16V4" fill="none" stroke="var(--muted)" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
      <path d="M5 8.5h10l-2 5H7z" fill="currentColor" />
      <path d="M10 2.5v6" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
    </svg>
  );
}
