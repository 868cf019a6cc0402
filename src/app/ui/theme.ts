import { effect, signal, type ReadonlySignal } from '@preact/signals';

type Theme = 'light' | 'dark';

/** What the learner has chosen; undefined where the system decides. */
interface ThemeChoice {
  readonly theme: ReadonlySignal<Theme | undefined>;
}

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const systemTheme = signal<Theme>(systemIsDark.matches ? 'dark' : 'light');
systemIsDark.addEventListener('change', event => (systemTheme.value = event.matches ? 'dark' : 'light'));

/** The theme in force: the learner's choice, else the system's. */
export function currentTheme(settings: ThemeChoice): Theme {
  return settings.theme.value ?? systemTheme.value;
}

/** Keeps the page's colours with the theme. */
export function applyTheme(settings: ThemeChoice): void {
  effect(() => {
    document.documentElement.dataset['theme'] = currentTheme(settings);
  });
}
