import { effect, signal } from '@preact/signals';
import type { Settings, Theme } from '../session/settings.ts';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const systemTheme = signal<Theme>(systemIsDark.matches ? 'dark' : 'light');
systemIsDark.addEventListener('change', event => (systemTheme.value = event.matches ? 'dark' : 'light'));

/** The theme in force: the learner's choice, else the system's. */
export function currentTheme(settings: Settings): Theme {
  return settings.theme.value ?? systemTheme.value;
}

/** Keeps the page's colours with the theme. */
export function applyTheme(settings: Settings): void {
  effect(() => {
    document.documentElement.dataset['theme'] = currentTheme(settings);
  });
}
