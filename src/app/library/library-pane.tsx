import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../ui/icons.tsx';
import { formatBytes } from '../session/format.ts';
import type { Session } from '../session/session.ts';
import { TypeItButton } from '../ui/type-it-button.tsx';
import { answerFor, type LibraryAnswer } from './library-answer.ts';
import { byName, libraryEntries, matches, type LibraryEntry, type SameName } from './library-entries.ts';

/** What can be pulled in this sandbox. */
export function LibraryPane({ session, isShown }: { session: Session; isShown: boolean }): JSX.Element {
  const { engine, library } = session;
  const [search, setSearch] = useState('');
  // The layers of the images that are here say which parts of another image are already here.
  useEffect(() => (isShown ? engine.watch('layers') : undefined), [isShown]);
  const isRunning = session.machine.state.value.kind === 'running';
  useEffect(() => {
    if (isShown && isRunning) void library.load();
  }, [isShown, isRunning]);
  const images = library.images.value;
  const answer = images && answerFor(search, images);
  return (
    <>
      <div class="library-search">
        <Icon name="search" />
        <input
          type="search"
          aria-label="Search the library"
          placeholder="Search, or an image that a tutorial names"
          value={search}
          onInput={event => setSearch(event.currentTarget.value)}
        />
      </div>
      <div class="library-list">
        {answer !== undefined && <Answer session={session} answer={answer} />}
        <NamesExplained />
        <NearestSwitch session={session} />
        {images === undefined ? (
          <LibraryMissing session={session} />
        ) : (
          <LibraryList
            session={session}
            search={search}
            isAnswered={answer !== undefined}
            entries={libraryEntries(images, engine.imageReferences.value, engine.makings.value.values()).filter(
              ({ image }) => matches(image, search) || image.name === answer?.name,
            )}
          />
        )}
      </div>
    </>
  );
}

function LibraryMissing({ session }: { session: Session }): JSX.Element {
  const { library, machine } = session;
  const problem = library.problem.value;
  if (problem === undefined || machine.state.value.kind !== 'running') {
    return (
      <p class="empty quiet-text">
        {machine.state.value.kind === 'running' ? 'Reading the library…' : 'The library opens when the machine is running.'}
      </p>
    );
  }
  return (
    <p class="action-error" role="alert">
      <Icon name="alert" />
      <span>{problem}</span>
      <button type="button" class="button quiet" onClick={() => void library.load()}>
        Retry
      </button>
    </p>
  );
}

/** What to use for the image that was typed. */
function Answer({ session, answer }: { session: Session; answer: LibraryAnswer }): JSX.Element {
  const { asked, advice, reference } = answer;
  const command = reference === undefined ? undefined : `docker pull ${reference}`;
  return (
    <section class="library-answer" aria-label={`What to use for ${asked}`} role="status">
      <p>
        There is no <code>{asked}</code> here: {advice}
      </p>
      {command !== undefined && (
        <div class="card-buttons">
          <code class="pull-command">{command}</code>
          <TypeItButton command={command} propose={one => session.proposeCommand(one)} />
        </div>
      )}
    </section>
  );
}

/** Whether the nearest image may answer to the name of one that is not here. */
function NearestSwitch({ session }: { session: Session }): JSX.Element {
  const { isOn } = session.nearestImages;
  return (
    <label class="nearest-switch">
      <input type="checkbox" checked={isOn.value} onChange={event => session.nearestImages.choose(event.currentTarget.checked)} />
      <span>
        Let the nearest image answer if one is not here: <code>redis:alpine</code> is then <code>redis</code> from this library. The page says so at
        each pull, and so do the image’s labels. An image that is something else altogether never answers.
      </span>
    </label>
  );
}

function LibraryList(props: { session: Session; search: string; isAnswered: boolean; entries: readonly LibraryEntry[] }): JSX.Element {
  const { session, search, isAnswered, entries } = props;
  if (entries.length === 0 && isAnswered) return <></>;
  if (entries.length === 0) {
    return <p class="empty quiet-text">Nothing in the library fits “{search}”. Only what is in the library can be pulled without a network.</p>;
  }
  return (
    <ul class="cards" aria-label="Library">
      {byName(entries).map(same => (
        <LibraryCard key={same[0].image.name} session={session} entries={same} />
      ))}
    </ul>
  );
}

/** One card for all images of a name: the tag that is chosen says which of them it speaks of. */
function LibraryCard({ session, entries }: { session: Session; entries: SameName }): JSX.Element {
  const tags = entries.flatMap(({ image }) => image.tags);
  const [chosen, setTag] = useState<string>();
  // What was chosen may not be among what a search has left.
  const tag = chosen !== undefined && tags.includes(chosen) ? chosen : (tags[0] ?? 'latest');
  const entry = entries.find(({ image }) => image.tags.includes(tag)) ?? entries[0];
  const { image, isHere } = entry;
  const { name } = image;
  const command = `docker pull ${name}:${tag}`;
  return (
    <li class="card">
      <div class="card-head">
        <strong class="card-name">{name}</strong>
        <span
          class="badge"
          title={
            image.isOfficial ? 'A plain name: one of Docker Hub’s official images' : 'A name with a slash: published by a user or an organization'
          }
        >
          {image.isOfficial ? 'official' : 'user image'}
        </span>
        {isHere && (
          <span class="badge here" title="docker images lists it">
            <Icon name="check" size={12} /> already here
          </span>
        )}
      </div>
      <p class="library-description">{image.description}</p>
      <p class="card-state">{sizeWords(entry)}</p>
      <div class="card-buttons">
        {tags.length > 1 && (
          <select class="tag-select" aria-label={`Tag of ${name}`} value={tag} onChange={event => setTag(event.currentTarget.value)}>
            {tags.map(one => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        )}
        <code class="pull-command">{command}</code>
        <TypeItButton command={command} propose={one => session.proposeCommand(one)} />
      </div>
    </li>
  );
}

/** What it costs to have it. */
function sizeWords({ image, isHere, missingWireBytes, sharedBytes }: LibraryEntry): string {
  const layers = image.layers.length === 1 ? '1 layer' : `${image.layers.length} layers`;
  const whole = `${formatBytes(image.wireBytes)} to download, ${formatBytes(image.bytes)} unpacked, ${layers}`;
  if (isHere || sharedBytes === 0) return whole;
  return missingWireBytes === 0
    ? `${whole}. All of its layers are here already.`
    : `${whole}. ${formatBytes(sharedBytes)} of it is already here because other images use it: ${formatBytes(missingWireBytes)} left to download.`;
}

/** How image names are to be read; folded, for one needs it once. */
function NamesExplained(): JSX.Element {
  return (
    <details class="names">
      <summary>
        <Icon name="chevron" /> What the names mean
      </summary>
      <dl>
        <dt>
          <code>redis:8</code>
        </dt>
        <dd>
          An official image has a plain name. Docker and the makers of the program maintain it. The tag follows the colon and is usually a version.
          Without a tag, Docker takes <code>latest</code>.
        </dd>
        <dt>
          <code>traefik/whoami</code>
        </dt>
        <dd>In a user image, the name of the publisher comes before the slash. Name your own images like that: student/hello.</dd>
        <dt>
          <code>localhost:5000/student/hello:v1</code>
        </dt>
        <dd>
          This image is from a registry other than Docker Hub, here one of your own: <code>docker run -d -p 5000:5000 registry:2</code> starts it, and{' '}
          <code>docker push localhost:5000/student/hello:v1</code> puts an image there.
        </dd>
      </dl>
      <p>
        There is no internet in this sandbox. These images have the names of Docker Hub, but are made from Debian’s packages for this small machine;
        their labels name the packages.
      </p>
    </details>
  );
}
