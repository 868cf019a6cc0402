/** How near an image is that stands in for another one. `something-else` is only ever named, never given in its place. */
export type KinKind = 'same-kind' | 'something-else';

/** What may be used instead of an image. */
export interface Kin {
  /** Names of the hub, the best first; the first that the hub has counts. None: nothing is near. */
  readonly to: readonly string[];
  readonly kind: KinKind;
  /** Completes "use X: …", or stands for itself where nothing is near. ASCII, without the full stop. */
  readonly why: string;
  /** The other image's tag that fits a version or code name of this one; `same` where both count alike. Else its newest. */
  readonly tags?: 'same' | Readonly<Record<string, string>>;
  /** For builds that install packages, where another one is the better base. */
  readonly forPackages?: { readonly to: string; readonly why: string };
}

/** Debian's release of about the same time. */
const UBUNTU_TAGS = {
  ...{ '14.04': '11', '16.04': '11', '18.04': '11', '20.04': '11', '22.04': '12', '23.04': '12', '23.10': '12', '24.04': '13' },
  ...{ trusty: '11', xenial: '11', bionic: '11', focal: '11', jammy: '12', noble: '13' },
};
/** What Ubuntu's base images come to: everybody else's tags name other versions. */
const UBUNTU: Kin = { to: ['debian'], kind: 'same-kind', why: 'Ubuntu is made from Debian and has the same apt', tags: UBUNTU_TAGS };
const ALPINE: Kin = {
  to: ['busybox', 'debian'],
  kind: 'same-kind',
  why: 'Alpine has its shell and small tools from BusyBox. There is no apk: to install packages, use debian and apt-get',
  forPackages: { to: 'debian', why: 'there is no Alpine here, so use apt-get install instead of apk add' },
};
const OTHER_LINUX: Kin = {
  to: ['debian'],
  kind: 'something-else',
  why: 'it is another Linux, with apt-get instead of dnf, yum and the like',
};
const MYSQL: Kin = {
  to: ['mariadb'],
  kind: 'same-kind',
  why: 'it is another server, which speaks the same protocol and knows the same MYSQL_ variables',
};
const NO_MONGO: Kin = { to: [], kind: 'something-else', why: 'Debian has no MongoDB to make it from, and nothing here speaks its protocol' };
const PROXY: Kin = { to: ['nginx'], kind: 'something-else', why: 'nginx can pass requests on too, but with a configuration of its own' };
const DATABASE_CLIENT: Kin = { to: ['adminer'], kind: 'something-else', why: 'it is another web client of databases, on port 8080' };
const JAVA: Kin = { to: ['eclipse-temurin', 'openjdk'], kind: 'same-kind', why: 'it is a Java too', tags: 'same' };
const JAVA_ALONE: Kin = { to: ['eclipse-temurin', 'openjdk'], kind: 'something-else', why: 'it is Java alone, without that program' };
const BIGGER: Kin = { to: [], kind: 'something-else', why: 'it needs a 64-bit machine with more memory than this one has' };
const WINDOWS: Kin = { to: [], kind: 'something-else', why: 'it is for Windows or for 64-bit machines, and this one is a 32-bit PC with Linux' };
const FETCHER: Kin = { to: ['busybox'], kind: 'something-else', why: 'its wget -qO- ADDRESS prints a page too' };
const PYTHON_ALONE: Kin = {
  to: ['python'],
  kind: 'something-else',
  why: 'it is Python without those packages, which may not exist for a 32-bit machine',
};
const WITHOUT_EXTENSION: Kin = { to: ['postgres'], kind: 'something-else', why: 'it is PostgreSQL without that extension', tags: 'same' };
const WHOAMI: Kin = { to: ['traefik/whoami'], kind: 'same-kind', why: 'it is the same program under its present name' };

/** What stands in for what, by name without the registry's host. A name that the hub has needs no line, but may have one for when it has not. */
export const KINSHIP: Readonly<Record<string, Kin>> = {
  scratch: { to: [], kind: 'something-else', why: 'scratch is the empty image: only FROM scratch in a Dockerfile knows it, and nothing is pulled' },
  ubuntu: UBUNTU,
  'kalilinux/kali-rolling': { ...UBUNTU, why: 'Kali is made from Debian and has the same apt' },
  'phusion/baseimage': { ...UBUNTU, kind: 'something-else', tags: {} },
  alpine: ALPINE,
  'frolvlad/alpine-glibc': ALPINE,
  centos: OTHER_LINUX,
  fedora: OTHER_LINUX,
  rockylinux: OTHER_LINUX,
  'rockylinux/rockylinux': OTHER_LINUX,
  almalinux: OTHER_LINUX,
  amazonlinux: OTHER_LINUX,
  oraclelinux: OTHER_LINUX,
  archlinux: OTHER_LINUX,
  photon: OTHER_LINUX,
  'opensuse/leap': OTHER_LINUX,
  'opensuse/tumbleweed': OTHER_LINUX,
  'redhat/ubi8': OTHER_LINUX,
  'redhat/ubi9': OTHER_LINUX,
  'ubi8/ubi': OTHER_LINUX,
  'ubi9/ubi': OTHER_LINUX,
  'ubi8/ubi-minimal': OTHER_LINUX,
  'ubi9/ubi-minimal': OTHER_LINUX,
  'buildpack-deps': { to: ['debian'], kind: 'something-else', why: 'it is Debian alone: apt-get installs the compilers' },
  gcc: { to: ['debian'], kind: 'something-else', why: 'it is Debian alone: apt-get install gcc gives the compiler' },
  perl: { to: ['debian'], kind: 'something-else', why: 'it has a perl, though without the modules that come with one' },
  'distroless/static': { to: ['debian'], kind: 'something-else', why: 'a program without libraries needs only FROM scratch' },
  'distroless/base': { to: ['debian'], kind: 'something-else', why: 'it has the C library too, and a shell besides' },
  'distroless/python3': { to: ['python'], kind: 'something-else', why: 'it has Python too, and a shell besides' },
  'distroless/nodejs': { to: ['node'], kind: 'something-else', why: 'it has Node.js too, and a shell besides' },
  mysql: MYSQL,
  'mysql/mysql-server': MYSQL,
  percona: MYSQL,
  'percona/percona-server': MYSQL,
  mariadb: { to: ['mysql'], kind: 'same-kind', why: 'it is another server, which speaks the same protocol' },
  mongo: NO_MONGO,
  'mongodb/mongodb-community-server': NO_MONGO,
  'mongo-express': NO_MONGO,
  'postgis/postgis': WITHOUT_EXTENSION,
  'timescale/timescaledb': WITHOUT_EXTENSION,
  'pgvector/pgvector': WITHOUT_EXTENSION,
  'valkey/valkey': { to: ['redis'], kind: 'same-kind', why: 'Valkey is made from Redis and speaks the same protocol' },
  'redis/redis-stack': { to: ['redis'], kind: 'something-else', why: 'it is Redis without the modules and the web page' },
  'redis/redis-stack-server': { to: ['redis'], kind: 'something-else', why: 'it is Redis without the modules' },
  phpmyadmin: DATABASE_CLIENT,
  'phpmyadmin/phpmyadmin': DATABASE_CLIENT,
  'dpage/pgadmin4': DATABASE_CLIENT,
  traefik: PROXY,
  haproxy: PROXY,
  caddy: PROXY,
  'envoyproxy/envoy': PROXY,
  'jwilder/nginx-proxy': PROXY,
  'nginxproxy/nginx-proxy': PROXY,
  httpd: { to: ['nginx'], kind: 'something-else', why: 'it is another web server: pages go to /usr/share/nginx/html' },
  nginx: { to: ['httpd'], kind: 'something-else', why: 'it is another web server: pages go to /usr/local/apache2/htdocs' },
  'nginxinc/nginx-unprivileged': { to: ['nginx'], kind: 'something-else', why: 'it is the official image, which listens on port 80, not 8080' },
  'nginxdemos/hello': { to: ['traefik/whoami'], kind: 'something-else', why: 'it answers with its host name too' },
  'containous/whoami': WHOAMI,
  'emilevauge/whoami': WHOAMI,
  'jwilder/whoami': { to: ['traefik/whoami'], kind: 'something-else', why: 'it answers with its host name too, on port 80 instead of 8000' },
  'docker/getting-started': { to: ['nginx'], kind: 'something-else', why: 'it shows a page on port 80 too, though not that one' },
  'docker/welcome-to-docker': { to: ['nginx'], kind: 'something-else', why: 'it shows a page on port 80 too, though not that one' },
  'nicolaka/netshoot': { to: ['busybox'], kind: 'something-else', why: 'it has ping, nslookup, wget, nc and ip' },
  'curlimages/curl': FETCHER,
  'appropriate/curl': FETCHER,
  'byrnedo/alpine-curl': FETCHER,
  openjdk: JAVA,
  'eclipse-temurin': JAVA,
  amazoncorretto: JAVA,
  adoptopenjdk: JAVA,
  maven: JAVA_ALONE,
  gradle: JAVA_ALONE,
  tomcat: JAVA_ALONE,
  jetty: JAVA_ALONE,
  composer: { to: ['php'], kind: 'something-else', why: 'it is PHP without Composer' },
  pypy: { to: ['python'], kind: 'something-else', why: 'it is the usual Python' },
  'continuumio/miniconda3': PYTHON_ALONE,
  'continuumio/anaconda3': PYTHON_ALONE,
  'jupyter/base-notebook': PYTHON_ALONE,
  'jupyter/minimal-notebook': PYTHON_ALONE,
  'jupyter/scipy-notebook': PYTHON_ALONE,
  'tensorflow/tensorflow': PYTHON_ALONE,
  'pytorch/pytorch': PYTHON_ALONE,
  'tiangolo/uvicorn-gunicorn-fastapi': PYTHON_ALONE,
  'tiangolo/uwsgi-nginx-flask': PYTHON_ALONE,
  'oven/bun': { to: ['node'], kind: 'something-else', why: 'it is Node.js, which runs most of the same programs' },
  'denoland/deno': { to: ['node'], kind: 'something-else', why: 'it is Node.js, which runs many of the same programs' },
  golang: { to: [], kind: 'something-else', why: 'pulling the Go compiler would take this sandbox many minutes, and nothing here compiles Go' },
  rust: { to: [], kind: 'something-else', why: 'the Rust compiler is not among the images of this sandbox, and nothing here compiles Rust' },
  'distribution/distribution': { to: ['registry'], kind: 'same-kind', why: 'it is the same program under its usual name' },
  'prom/prometheus': { to: [], kind: 'something-else', why: 'Prometheus is not here; docker stats shows what each container uses' },
  'grafana/grafana': {
    to: [],
    kind: 'something-else',
    why: 'Grafana is not here, nor anything else that draws charts; docker stats shows what each container uses',
  },
  'cadvisor/cadvisor': { to: [], kind: 'something-else', why: 'docker stats and the Containers pane show what each container uses' },
  'google/cadvisor': { to: [], kind: 'something-else', why: 'docker stats and the Containers pane show what each container uses' },
  'portainer/portainer': { to: [], kind: 'something-else', why: 'the Containers pane shows containers, images, volumes and networks' },
  'portainer/portainer-ce': { to: [], kind: 'something-else', why: 'the Containers pane shows containers, images, volumes and networks' },
  'dockersamples/visualizer': { to: [], kind: 'something-else', why: 'docker service ps NAME and the Containers pane show what runs' },
  elasticsearch: BIGGER,
  'elasticsearch/elasticsearch': BIGGER,
  'opensearchproject/opensearch': BIGGER,
  kibana: BIGGER,
  'kibana/kibana': BIGGER,
  logstash: BIGGER,
  'logstash/logstash': BIGGER,
  jenkins: BIGGER,
  'jenkins/jenkins': BIGGER,
  'mssql/server': WINDOWS,
  'windows/servercore': WINDOWS,
  'windows/nanoserver': WINDOWS,
  'dotnet/sdk': WINDOWS,
  'dotnet/aspnet': WINDOWS,
  'dotnet/runtime': WINDOWS,
};

/** Tags of an image that mean something else than its other tags. */
export const TAGS_APART: readonly { readonly name: string; readonly tag: RegExp; readonly why: string }[] = [
  { name: 'python', tag: /^2(?:\D|$)/, why: 'Python 2 has ended and is another language: its programs need changes' },
  {
    name: 'docker',
    tag: /dind/,
    why: 'an engine inside a container does not run here. Mount the socket of this one: -v /var/run/docker.sock:/var/run/docker.sock',
  },
];

/** Publishers of images of the same programs, with their own paths and variables. */
export const PUBLISHERS = /^(?:bitnami|bitnamilegacy|bitnamisecure|linuxserver|chainguard|circleci|cimg|ubuntu|rapidfort|hardened)\//;

/** The same program under another's name for it. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  postgresql: 'postgres',
  apache: 'httpd',
  mongodb: 'mongo',
  nodejs: 'node',
  go: 'golang',
  python3: 'python',
};

/** Docker Hub's official images for one kind of machine: `arm64v8/python`. */
export const MACHINES = /^(?:amd64|arm32v5|arm32v6|arm32v7|arm64v8|ppc64le|s390x|riscv64|mips64le|i386)\//;
