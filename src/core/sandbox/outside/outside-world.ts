import { checkArchiveCatalog } from '../../archive/archive-catalog.ts';
import { DebianArchive, type ArchiveTrouble } from '../../archive/debian-archive.ts';
import { DebianUpstream } from '../../archive/debian-upstream.ts';
import { messageOf, SandboxError, withTimeout } from '../../base/errors.ts';
import { lazily } from '../../base/lazily.ts';
import { Hub, type HubStandIn, type HubTrouble } from '../../hub/hub.ts';
import { checkHubCatalog } from '../../hub/hub-catalog.ts';
import { answerSearch } from '../../hub/hub-search.ts';
import type { HubImageSummary } from '../../hub/hub-summary.ts';
import type { Connection, IncomingConnection } from '../../network/connection.ts';
import { serveHttp, type HttpHandler, type HttpServerRequest, type HttpServerResponse } from '../../network/http-server.ts';
import { targetOf } from '../../network/request-target.ts';
import { refuseTls } from '../../network/tls-refusal.ts';
import { checkNpmCatalog } from '../../npm/npm-catalog.ts';
import { NpmRegistry, type NpmTrouble } from '../../npm/npm-registry.ts';
import { checkPackageCatalog } from '../../packages/package-catalog.ts';
import { PackageIndex, type PackageTrouble } from '../../packages/package-index.ts';
import type { Notice } from '../../protocol/sandbox.ts';
import type { KeptFiles } from '../../upstream/kept-files.ts';
import { NpmUpstream } from '../../npm/npm-upstream.ts';
import type { Outside } from '../../upstream/outside.ts';
import { PypiUpstream } from '../../packages/pypi-upstream.ts';
import { RegistryUpstream } from '../../hub/registry-upstream.ts';
import type { Transfer } from '../../upstream/transfer.ts';
import { UpstreamClient } from '../../upstream/upstream-client.ts';
import { hasUpstreams, hostOf, NO_UPSTREAMS, upstreamHosts, type UpstreamChoice } from '../../upstream/upstream-settings.ts';
import type { Web } from '../../upstream/web.ts';
import type { ArtifactHost } from '../load/artifact-host.ts';
import type { BlobLoader } from '../load/blob-loader.ts';
import { loadCatalog } from '../load/catalog-loader.ts';
import { SpacedNotices } from './spaced-notices.ts';

/** Where the agent listens (images/guest/agent/agent.c), and what answers there. */
const SERVICES = '10.86.0.1:80';
const INTERNET = '10.86.0.2:80';
const ENGINE_PROXY = '127.0.0.1:3128';
const TLS_PORT = ':443';

const INDEX_HOSTS = new Set(['pypi.org', 'files.pythonhosted.org']);
/** npm's own registry, and the name by which yarn calls the same. */
const NPM_HOSTS = new Set(['registry.npmjs.org', 'registry.yarnpkg.com']);
const SERVICE_ADDRESS = '10.86.0.1';
/** The engine's mirror is at the address of its proxy: BuildKit speaks plain HTTP to a mirror only where that is this computer itself. */
const MIRROR_ADDRESS = '127.0.0.1';
const HUB_HOSTS = new Set([SERVICE_ADDRESS, MIRROR_ADDRESS, 'docker.io', 'index.docker.io', 'auth.docker.io', 'registry-1.docker.io']);

/** How long the engine takes at most from a refusal of the hub to its attempt at Docker Hub itself. */
const TROUBLE_MILLISECONDS = 30_000;
/** Replacements that happen within this time are reported together: a compose file asks for several at once. */
const STAND_IN_MILLISECONDS = 60_000;
/** A refusal is quick: if the lists of what exists are not there by then, it does without them. */
const LIST_MILLISECONDS = 2000;

/** The way out, and where what came from there is kept. */
export interface WayOut {
  readonly web: Web;
  readonly kept: KeptFiles;
}

/** What the guest finds when it leaves its own computer: the hub, the package index, the npm registry, the Debian archive, and else a plain refusal. */
export class OutsideWorld {
  readonly #hub: Hub;
  readonly #index: PackageIndex;
  readonly #npm: NpmRegistry;
  readonly #archive: DebianArchive;
  readonly #packageNames: () => Promise<string>;
  readonly #notices: SpacedNotices;
  readonly #end = new AbortController();
  /** What the hub refused to the engine of late, by what it is about: the engine then asks Docker Hub, and is answered with it. */
  readonly #troubles = new Map<string, { readonly message: string; readonly milliseconds: number }>();
  /** What stood in for what of late, in words, with the time. */
  readonly #standIns = new Map<string, number>();
  /** Pieces that were asked for and did not arrive. */
  readonly #missing = new Set<string>();
  readonly #client: UpstreamClient | undefined;
  #upstreams: UpstreamChoice = { settings: NO_UPSTREAMS, isOpen: false };
  /** Ends what is under way outside. */
  #closing = new AbortController();

  /** `loader` gives the pieces of layers and wheels; `host`, the catalogs. Without a way out there is never a network. */
  constructor(
    host: ArtifactHost,
    loader: BlobLoader,
    private readonly tell: (notice: Notice) => void,
    wayOut?: WayOut,
    onTransfer: (transfer: Transfer) => void = () => undefined,
  ) {
    this.#client = wayOut && new UpstreamClient(wayOut.web, wayOut.kept);
    this.#client?.onTransfer(onTransfer);
    const images = lazily(() => loadCatalog(host, 'hub.json', "the hub's images", checkHubCatalog));
    const packages = lazily(() => loadCatalog(host, 'packages.json', 'Python packages', checkPackageCatalog));
    this.#hub = new Hub(images, (sha256, bytes) => this.#load(loader, sha256, bytes, 'an image'));
    this.#index = new PackageIndex(packages, (sha256, bytes) => this.#load(loader, sha256, bytes, 'a Python package'));
    const archive = lazily(() => loadCatalog(host, 'archive.json', 'Debian packages', checkArchiveCatalog));
    this.#archive = new DebianArchive(archive, (sha256, bytes) => this.#load(loader, sha256, bytes, 'a Debian package'));
    const npm = lazily(() => loadCatalog(host, 'npm.json', 'npm packages', checkNpmCatalog));
    this.#npm = new NpmRegistry(npm, (sha256, bytes) => this.#load(loader, sha256, bytes, 'an npm package'));
    this.#packageNames = async () => (await packages()).projects.map(project => project.name).join(', ');
    this.#notices = new SpacedNotices(tell, () => performance.now());
    this.#hub.onTrouble(trouble => this.#takeHubTrouble(trouble));
    this.#hub.onStandIn(standIn => this.#takeStandIn(standIn));
    this.#index.onTrouble(trouble => this.#takePackageTrouble('package', trouble));
    this.#npm.onTrouble(trouble => this.#takePackageTrouble('npm package', trouble));
    this.#archive.onTrouble(trouble => this.#takeArchiveTrouble(trouble));
  }

  /** What `docker pull` finds. Rejects with a SandboxError when the hub's list cannot be read. */
  images(): Promise<readonly HubImageSummary[]> {
    return this.#hub.images();
  }

  /** Whether the hub gives the nearest image instead of one that it lacks. */
  giveNearest(isWanted: boolean): void {
    this.#hub.givesNearest = isWanted;
  }

  /** Opens the ways out that are allowed and wanted, and closes all others: requests that are under way there are broken off. */
  chooseUpstreams(choice: UpstreamChoice): void {
    this.#closing.abort(new SandboxError('cancelled', 'The network was switched off.'));
    this.#closing = new AbortController();
    this.#upstreams = choice;
    const { signal } = this.#closing;
    const { pypi, npm, debian, registries } = choice.settings;
    this.#index.outside = this.#outside(pypi, (client, address) => new PypiUpstream(client, address, signal));
    this.#npm.outside = this.#outside(npm, (client, address) => new NpmUpstream(client, address, signal));
    this.#archive.outside = this.#outside(debian, (client, address) => new DebianUpstream(client, address, signal));
    const opened = registries.map(address => this.#outside(address, (client, one) => new RegistryUpstream(client, one, signal)));
    this.#hub.upstreams = opened.flatMap(({ upstream }) => upstream ?? []);
    this.#hub.offered = opened.find(({ offered }) => offered !== undefined)?.offered;
  }

  #outside<T extends { readonly host: string }>(address: string | undefined, make: (client: UpstreamClient, address: string) => T): Outside<T> {
    if (address === undefined || this.#client === undefined) return {};
    return this.#upstreams.isOpen ? { upstream: make(this.#client, address) } : { offered: hostOf(address) };
  }

  /** Gives names of packages that somebody may have apt install, whenever apt is about to learn what there is. */
  set aptWishes(wishes: () => Iterable<string>) {
    this.#archive.wishes = wishes;
  }

  /** Somebody is about to have apt install these. */
  wantPackages(names: Iterable<string>): void {
    this.#archive.want(names);
  }

  /** Answers a connection that something in the guest opened. Call it at once: it must listen before the first bytes come. */
  take({ service, connection }: IncomingConnection): void {
    if (this.#serve(service, connection) === undefined) {
      console.error(`the guest calls a service that is not there: ${service}`);
      connection.close();
    }
  }

  /** Reports why apt does not find a package: its lists were not fetched, or it is not here. Resolves when the report is out. */
  async tellOfUnknownPackage(name: string): Promise<void> {
    const message = await this.#archive.explainUnknown(name.replace(/:.*$/, '')).catch(() => undefined);
    if (message === undefined) return;
    this.#notices.tell(`apt ${name}`, { code: 'no-internet', message, canRetry: false });
  }

  /** Drops all connections. */
  close(): void {
    this.#closing.abort(new SandboxError('cancelled', 'The machine was switched off.'));
    this.#end.abort(new SandboxError('cancelled', 'The machine was switched off.'));
  }

  #serve(service: string, connection: Connection): Promise<unknown> | undefined {
    const options = { signal: this.#end.signal };
    if (service === SERVICES) return serveHttp(connection, this.#answerService, options);
    if (service === INTERNET) return serveHttp(connection, this.#answerInternet, options);
    if (service === ENGINE_PROXY) return serveHttp(connection, this.#answerProxy, options);
    if (service.endsWith(TLS_PORT)) return refuseTls(connection).then(name => name !== undefined && this.#tellOfAttempt(name));
    return undefined;
  }

  readonly #answerService: HttpHandler = request => {
    const target = targetOf(request);
    if (target !== undefined && INDEX_HOSTS.has(target.host)) return this.#index.handle(request);
    if (target !== undefined && NPM_HOSTS.has(target.host)) return this.#npm.handle(request);
    if (target !== undefined && DebianArchive.serves(target.host)) return this.#archive.handle(request);
    if (target !== undefined && HUB_HOSTS.has(target.host)) {
      if (/^\/v2(\/|$)/.test(target.path)) return this.#hub.handle(request);
      if (target.path.startsWith('/v1/')) return answerSearch(target, () => this.images());
      if (target.host === SERVICE_ADDRESS && /^\/(simple|packages)\//.test(target.path)) return this.#index.handle(request);
    }
    return this.#describe(
      404,
      'Not Found',
      'This address of the sandbox answers docker pull, pip install, npm install and apt-get install, nothing else.',
    );
  };

  /** The engine's mirror, which is the hub, and its way to everything that the hub does not have. Go prints the text after the status. */
  readonly #answerProxy: HttpHandler = async request => {
    if (request.method !== 'CONNECT') return HUB_HOSTS.has(targetOf(request)?.host ?? '') ? this.#answerService(request) : this.#refuse(request);
    const host = request.target.replace(/:\d+$/, '').toLowerCase();
    return { status: 403, reason: oneLine(await this.#reasonFor(host)) };
  };

  async #reasonFor(host: string): Promise<string> {
    const trouble = host === 'registry-1.docker.io' ? this.#takeTrouble() : undefined;
    if (trouble !== undefined) return trouble;
    const noInternet = `${this.#reach()}: ${shownHost(host)} cannot be reached.`;
    if (host === 'registry-1.docker.io') {
      // The engine asks its mirror first for whatever it pulls, so this is a push.
      return `${noInternet} To push, run a registry of your own: docker run -d -p 5000:5000 registry:2, then docker tag the image localhost:5000/NAME and docker push localhost:5000/NAME.`;
    }
    const images = await quietly(this.#hub.list());
    return images === undefined ? noInternet : `${noInternet} Its own hub has: ${images}.`;
  }

  #takeTrouble(): string | undefined {
    const now = performance.now();
    for (const [subject, { message, milliseconds }] of this.#troubles) {
      this.#troubles.delete(subject);
      if (now - milliseconds < TROUBLE_MILLISECONDS) return message;
    }
    return undefined;
  }

  /** Debian's archive has names without number, of which the machine's list of names knows the usual ones. It does not know yarn's either. */
  readonly #answerInternet: HttpHandler = request => {
    const host = targetOf(request)?.host ?? '';
    if (NPM_HOSTS.has(host)) return this.#npm.handle(request);
    return DebianArchive.serves(host) ? this.#archive.handle(request) : this.#refuse(request);
  };

  readonly #refuse: HttpHandler = (request: HttpServerRequest) => {
    const host = targetOf(request)?.host ?? '';
    if (host !== '') this.#tellOfAttempt(host);
    const name = shownHost(host);
    if (isFromGit(request)) return refuseGit(name, this.#reach());
    // A 403, not a 503: apt, pip and curl would try that again and again. Most programs print the reason, curl the body.
    return this.#describe(403, `No internet in this sandbox: ${name} is not here`, `${this.#reach()}: ${name} cannot be reached.`);
  };

  /** A page of plain text that says what is here. */
  async #describe(status: number, reason: string, first: string): Promise<HttpServerResponse> {
    const lists = [this.#hub.list(), this.#packageNames(), this.#archive.describe()];
    const [images, packages, debian] = await Promise.all(lists.map(quietly));
    const lines = [
      first,
      'What is here instead:',
      `  docker pull: ${images ?? 'the images of the library beside the editor'}`,
      `  pip install: ${packages ?? 'some Python packages, flask among them'}`,
      '  npm install: what tutorials install most, express among them',
      `  apt-get install: ${debian ?? 'some packages of Debian'}`,
      '  A port that a container publishes (docker run -p 8080:80 ...) opens in the preview beside the editor.',
    ];
    return { status, reason, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: `${lines.join('\n')}\n` };
  }

  #tellOfAttempt(host: string): void {
    this.#notices.tell(`host ${host}`, { code: 'no-internet', message: attemptMessage(host, this.#reach()), canRetry: false });
  }

  /** How far the sandbox reaches, as the beginning of a sentence. */
  #reach(): string {
    const { isOpen, settings } = this.#upstreams;
    if (!isOpen || this.#client === undefined || !hasUpstreams(settings)) return 'This sandbox has no internet';
    return `This sandbox reaches only ${upstreamHosts(settings).join(', ')}`;
  }

  /** Once everything that was missing has arrived after all, because the pull was done again, the notice of it is no longer true. */
  async #load(loader: BlobLoader, ...[sha256, bytes, whole]: Parameters<BlobLoader['load']>): ReturnType<BlobLoader['load']> {
    try {
      const piece = await loader.load(sha256, bytes, whole);
      const isLast = this.#missing.delete(sha256) && this.#missing.size === 0;
      if (isLast) this.#notices.withdraw({ code: 'download-failed', message: 'What was missing has arrived.', canRetry: false });
      return piece;
    } catch (error) {
      this.#missing.add(sha256);
      throw error;
    }
  }

  /** Of several troubles with one image the first stays: the engine asks for it again, and turns to Docker Hub once. */
  #remember(subject: string, message: string): void {
    const known = this.#troubles.get(subject);
    const milliseconds = performance.now();
    const isFresh = known !== undefined && milliseconds - known.milliseconds < TROUBLE_MILLISECONDS;
    this.#troubles.set(subject, { message: isFresh ? known.message : message, milliseconds });
  }

  #takeHubTrouble({ asked, isUnknown, message, isFromEngine }: HubTrouble): void {
    // The engine has no better answer from elsewhere either, and the learner shall know why.
    if (isFromEngine) this.#remember(asked ?? message, isUnknown ? `${this.#reach()}. ${message}` : message);
    // What failed outside is shown with the servers outside, not with what is kept of the site.
    if (!isUnknown) this.#notices.tell(message, { code: asked === undefined ? 'download-failed' : 'no-internet', message, canRetry: false });
  }

  /** At each such pull, however soon one follows the other. */
  #takeStandIn({ asked, given, why }: HubStandIn): void {
    const now = performance.now();
    for (const [words, time] of this.#standIns) if (now - time >= STAND_IN_MILLISECONDS) this.#standIns.delete(words);
    this.#standIns.set(`${asked} is ${given}${why === undefined ? '' : ` (${why})`}`, now);
    const message = `The nearest image answers, because that is switched on: here ${[...this.#standIns.keys()].join('; ')}.`;
    this.tell({ code: 'nearest-image', message, canRetry: false });
  }

  #takeArchiveTrouble({ name, message }: ArchiveTrouble): void {
    this.#notices.tell(`archive ${name}`, { code: 'download-failed', message, canRetry: false });
  }

  #takePackageTrouble(kind: string, { isUnknown, name, message }: PackageTrouble | NpmTrouble): void {
    this.#notices.tell(`${kind} ${name}`, { code: isUnknown ? 'no-internet' : 'download-failed', message, canRetry: false });
  }
}

function isFromGit({ headers }: HttpServerRequest): boolean {
  return headers.get('user-agent')?.startsWith('git/') ?? false;
}

/** What git prints behind "remote:" of a repository that is not here: how its files get here all the same. */
function refuseGit(name: string, reach: string): HttpServerResponse {
  const lines = [
    `${reach}: ${name} cannot be reached.`,
    "Download the repository as a zip from its page, and drop the zip on Drydock's list of files.",
  ];
  // Git prints a body only where it is plain text without a list of parameters that it does not know.
  return { status: 403, reason: 'No internet in this sandbox', headers: [['Content-Type', 'text/plain']], body: `${lines.join('\n')}\n` };
}

function attemptMessage(host: string, reach: string): string {
  if (INDEX_HOSTS.has(host)) {
    return `A program tried to reach ${host} over https. The sandbox's package index answers http only: pip install --index-url http://pypi.org/simple --trusted-host pypi.org ...`;
  }
  if (NPM_HOSTS.has(host)) {
    return `A program tried to reach ${host} over https. The sandbox's npm registry answers http only: npm config set registry http://registry.npmjs.org/ (the node images are set up like that).`;
  }
  if (DebianArchive.serves(host)) {
    return `A program tried to reach ${host} over https. The sandbox's Debian archive answers http only: write http:// in /etc/apt/sources.list.d/debian.sources.`;
  }
  return `A program tried to reach ${shownHost(host)}. ${reach}: it has its own images to pull, and Python, npm and Debian packages to install.`;
}

/** A list, or undefined where it does not come soon: what it is wanted for has a more important thing to say. */
function quietly(list: Promise<string>): Promise<string | undefined> {
  return withTimeout(list, LIST_MILLISECONDS, 'The list does not arrive.').catch((error: unknown) => {
    console.warn('a refusal is sent without its list', messageOf(error));
    return undefined;
  });
}

/** A name as the guest's programs gave it, fit for a message. */
function shownHost(host: string): string {
  return /^[a-z0-9._-]{1,100}$/.test(host) ? host : 'that address';
}

/** Text fit for the reason after an HTTP status. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[^\x20-\x7e]/g, "'");
}
