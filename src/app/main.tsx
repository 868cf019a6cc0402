import { render } from 'preact';
import { openFramed, readEmbeddedPage } from './embed/start-embedded.tsx';
import { TreeState } from './files/tree-state.ts';
import { App } from './page/app.tsx';
import { followPaneKeys } from './page/pane-keys.ts';
import { applyTheme } from './ui/theme.ts';
import { keepLessonInAddress } from './lesson/lesson-address.ts';
import { Session } from './session/session.ts';
import { siteAddress } from './session/site-address.ts';
import { followShareAddress, openedWorkspace } from './share/share-address.ts';
import './ui/base.css';
import './page/layout.css';
import './files/files.css';
import './editor/editor.css';
import './terminal/terminal.css';
import './page/status/status.css';
import './page/side.css';
import './containers/containers.css';
import './library/library.css';
import './preview/preview.css';

const embedded = readEmbeddedPage(location.search);
const session = new Session(siteAddress(document), embedded?.embedding);
const tree = new TreeState(session);
applyTheme(session.settings);

// `?screenReader` switches the support on for this visit: a link with it can then be given to learners who need it.
if (new URLSearchParams(location.search).has('screenReader')) session.settings.screenReader.value = true;

const root = document.getElementById('app');
// The words for a page whose code does not load go first.
root?.replaceChildren();
const lesson = new URLSearchParams(location.search).get('lesson');
const shared = openedWorkspace(location.hash);
if (root !== null) {
  render(<App session={session} tree={tree} />, root);
  // Only a page in a frame has to ask who may show it there.
  void (window.parent === window && embedded === undefined ? session.open(lesson, shared) : openFramed(session, embedded, { lesson, shared }, root));
}
// What an embed begins with is its host's to say.
if (embedded === undefined) keepLessonInAddress(session);
followShareAddress(session);

// Ctrl+M, before the editor and the terminals see it: one switch for both, whether Tab is typed or moves the focus.
addEventListener(
  'keydown',
  event => {
    if (event.key.toLowerCase() !== 'm' || !event.ctrlKey || event.shiftKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { tabMovesFocus } = session.settings;
    tabMovesFocus.value = !tabMovesFocus.value;
    session.messages.announce(tabMovesFocus.value ? 'Tab now moves the focus.' : 'Tab is now typed into the editor and the terminals.');
  },
  { capture: true },
);

followPaneKeys();

// The last moment at which a phone or a closing window still runs the page's code.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') session.leave();
});
addEventListener('pagehide', () => session.leave());
